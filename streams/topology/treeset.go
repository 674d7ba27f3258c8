package topology

// treeSet is a java.util.TreeSet of nodes: a red-black tree. What a description shows
// depends on it, as the order of nodes changes while they are in the set, and then the shape
// of the tree decides where the next one goes.
type treeSet struct{ root *leaf }

// leaf is a place in the tree.
type leaf struct {
	node                *described
	parent, left, right *leaf
	black               bool
}

// insert adds a node, unless it meets itself on its way.
func (s *treeSet) insert(n *described) {
	at, parent := &s.root, (*leaf)(nil)
	for *at != nil {
		parent = *at
		switch c := compare(n, parent.node); {
		case c < 0:
			at = &parent.left
		case c > 0:
			at = &parent.right
		default:
			return
		}
	}
	*at = &leaf{node: n, parent: parent}
	s.balance(*at)
	s.root.black = true
}

// balance restores the rules of a red-black tree above a new red leaf.
func (s *treeSet) balance(x *leaf) {
	for x != s.root && !x.parent.black {
		p := x.parent
		g := p.parent
		left := g.left == p
		uncle := g.right
		if !left {
			uncle = g.left
		}
		if uncle != nil && !uncle.black {
			p.black, uncle.black, g.black = true, true, false
			x = g
			continue
		}
		if left && x == p.right || !left && x == p.left {
			x = p
			s.rotate(x, left)
			p = x.parent
		}
		p.black, g.black = true, false
		s.rotate(g, !left)
	}
}

// rotate turns a leaf and one below it to the left, or to the right.
func (s *treeSet) rotate(p *leaf, left bool) {
	var up, between *leaf
	if left {
		up, between = p.right, p.right.left
		p.right, up.left = between, p
	} else {
		up, between = p.left, p.left.right
		p.left, up.right = between, p
	}
	if between != nil {
		between.parent = p
	}
	up.parent = p.parent
	switch {
	case p.parent == nil:
		s.root = up
	case p.parent.left == p:
		p.parent.left = up
	default:
		p.parent.right = up
	}
	p.parent = up
}

// nodes returns the nodes from left to right.
func (s *treeSet) nodes() (all []*described) {
	var walk func(l *leaf)
	walk = func(l *leaf) {
		if l != nil {
			walk(l.left)
			all = append(all, l.node)
			walk(l.right)
		}
	}
	walk(s.root)
	return all
}
