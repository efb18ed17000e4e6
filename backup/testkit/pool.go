package testkit

import (
	"errors"
	"strings"
	"sync"
	"testing"
)

// Pool is what each test of a package has for itself while it runs, and another test after it, because it
// takes long to start, such as a server. Tests that run at the same time have different ones: as many are
// started as there are such tests at once. TestMain ends them.
type Pool[T any] struct {
	Start func(folder string) (T, error) // in a folder of its own, see ReachableDir
	Stop  func(T) error

	mu   sync.Mutex
	all  []*Shared[T]
	free []*Shared[T]
	lent map[string]*loan[T] // by the name of the test
}

// loan is what a test has, and how many of its calls of Get are not cleaned up yet.
type loan[T any] struct {
	of    *Shared[T]
	calls int
}

// Get gives the one that the test has, its subtests too, until what the test cleans up is cleaned up.
func (p *Pool[T]) Get(t testing.TB) T {
	t.Helper()
	test, _, _ := strings.Cut(t.Name(), "/")
	one := p.lend(test)
	t.Cleanup(func() { p.takeBack(test) })
	return one.Get(t)
}

func (p *Pool[T]) lend(test string) *Shared[T] {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lent[test]
	if l == nil {
		l = &loan[T]{of: p.pick()}
		if p.lent == nil {
			p.lent = map[string]*loan[T]{}
		}
		p.lent[test] = l
	}
	l.calls++
	return l.of
}

// pick gives one that nobody has.
func (p *Pool[T]) pick() *Shared[T] {
	if last := len(p.free) - 1; last >= 0 {
		one := p.free[last]
		p.free = p.free[:last]
		return one
	}
	one := &Shared[T]{Start: p.Start, Stop: p.Stop}
	p.all = append(p.all, one)
	return one
}

func (p *Pool[T]) takeBack(test string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lent[test]
	if l.calls--; l.calls == 0 {
		delete(p.lent, test)
		p.free = append(p.free, l.of)
	}
}

// End stops all and removes their folders.
func (p *Pool[T]) End() error {
	var err error
	for _, one := range p.all {
		err = errors.Join(err, one.End())
	}
	return err
}
