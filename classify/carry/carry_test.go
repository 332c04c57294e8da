package carry

import (
	"sync/atomic"
	"testing"
)

func defectOf(f func()) (defect any) {
	defer func() { defect = recover() }()
	f()
	return nil
}

func TestPanicIsThatOfWhoWaits(t *testing.T) {
	wait := Go(func() { panic("broken") })
	if got := defectOf(wait); got != "broken" {
		t.Errorf("waiting panicked with %v", got)
	}
	if got := defectOf(Go(func() {})); got != nil {
		t.Errorf("a good end panicked with %v", got)
	}
}

func TestAllIsOverWhenTheLastIs(t *testing.T) {
	var ended atomic.Int64
	held := make(chan struct{})
	got := defectOf(func() {
		All(func() { panic("broken") }, func() { <-held; ended.Add(1) }, func() { close(held); ended.Add(1) })
	})
	if got != "broken" || ended.Load() != 2 {
		t.Errorf("panic %v, %d others ended", got, ended.Load())
	}
}
