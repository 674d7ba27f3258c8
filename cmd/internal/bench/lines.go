package bench

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Line returns one request of a web server, about 475 bytes of LTSV, always the same for the
// same arguments: i chooses what varies, among it one of 500 hosts, some of which have far
// more requests than others. No two ids are written in the same way.
func Line(i, id int, at time.Time) []byte {
	r := rand.New(rand.NewPCG(1, uint64(i)))
	host := int(500 * r.Float64() * r.Float64())
	// The last digit of a time is not 0: what writes numbers with as few digits as they need
	// writes the same as what copies them.
	millis := 10*int(10*r.ExpFloat64()) + 1 + r.IntN(9)
	return fmt.Appendf(nil, "time:[%s]\thost:10.1.%d.%d\tid:%016x\tforwardedfor:10.2.%d.%d\tident:-\tuser:-\t"+
		"req:GET /products/%d?page=%d HTTP/1.1\t"+
		"method:GET\turi:/products/%d\tprotocol:HTTP/1.1\tstatus:%d\tsize:%d\treferer:https://www.example.com/search?q=%x\t"+
		"ua:Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0 Safari/537.36\t"+
		"vhost:web%02d.example.com\treqtime:%d.%03d\tapptime:0.%03d\tcookie:session=%016x; theme=dark; lang=ja",
		at.UTC().Format("02/Jan/2006:15:04:05 -0700"), host/256, host%256, Mix(uint64(id)), r.IntN(256), r.IntN(256),
		r.IntN(10000), r.IntN(20), r.IntN(10000), []int{200, 200, 200, 200, 304, 404, 500}[r.IntN(7)],
		r.IntN(100000), r.Uint64(),
		100+r.IntN(40), r.IntN(12), millis/1000, millis%1000, 10*r.IntN(100)+1+r.IntN(9), r.Uint64())
}

// Mix scatters numbers; two numbers never become the same one (SplitMix64).
func Mix(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// What all programs do to a line on its way to JSON.
const (
	// Types is ltsv.types.
	Types = "status:int,size:int,reqtime:float,apptime:float"
	// Drop is ltsv.drop.
	Drop = "ident,user,req,protocol,vhost,cache,runtime"
)

// JSONFlags are the flags of the example ltsv-json for that.
func JSONFlags() []string { return []string{"--ltsv-types", Types, "--ltsv-drop", Drop} }
