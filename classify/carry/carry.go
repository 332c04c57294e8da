// Package carry starts goroutines whose panic is a panic of whoever waits for them.
// A panic that nobody recovers ends the process at once, with an edit left behind
// and a terminal in a strange mode; the loop recovers its own.
package carry

// Go runs f in a goroutine. The function that it returns waits for the end of f,
// and panics where f did. It must be called once.
func Go(f func()) (wait func()) {
	var defect any
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { defect = recover() }()
		f()
	}()
	return func() {
		if <-done; defect != nil {
			panic(defect)
		}
	}
}

// All runs all of them at once, and returns or panics when the last has ended.
func All(fs ...func()) {
	for _, f := range fs {
		defer Go(f)()
	}
}
