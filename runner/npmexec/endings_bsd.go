//go:build unix && !linux

package npmexec

import "os"

var endingsHere []os.Signal
