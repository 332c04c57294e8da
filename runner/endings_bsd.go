//go:build unix && !linux

package runner

import "os"

var endingsHere []os.Signal
