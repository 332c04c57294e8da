package realnpm

import (
	"os"
	"os/signal"
	"syscall"
)

// TakeSignals gives the processes that a test starts the signals as a terminal
// would: under nohup, or in the background of a script, SIGHUP or SIGINT come
// ignored, every child inherits that, and nothing that a test sends would arrive.
// One that the test itself gets from then on ends it with status 1.
func TakeSignals() {
	ignored := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM} {
		if signal.Ignored(s) {
			signal.Notify(ignored, s)
		}
	}
	go func() {
		<-ignored
		os.Exit(1)
	}()
}
