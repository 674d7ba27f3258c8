package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
)

// lines writes a file of lines that are equally long.
type lines struct {
	file *os.File
	out  *bufio.Writer
	rand *rand.Rand
	size int
}

func newLines(path string, size int) (*lines, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &lines{file: f, out: bufio.NewWriterSize(f, 1<<20), rand: rand.New(rand.NewPCG(1, 2)), size: size}, nil
}

// next writes a line, and returns it without its end.
func (l *lines) next(i int) ([]byte, error) {
	line := fmt.Appendf(make([]byte, 0, l.size+32), "%010d ", i)
	for len(line) < l.size {
		line = fmt.Appendf(line, "%016x ", l.rand.Uint64())
	}
	line = line[:l.size]
	_, err := l.out.Write(append(line[:l.size:l.size], '\n'))
	return line, err
}

func (l *lines) close() error {
	if err := l.out.Flush(); err != nil {
		return err
	}
	return l.file.Close()
}
