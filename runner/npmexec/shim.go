package npmexec

import (
	"bytes"
	"os"
	"strings"

	"safepublish/classify/npm"
)

// shimMark stands in the second line of every shim.
const shimMark = "made by safepublish shim"

// ShimFiles returns the files of a shim, by name: an npm that calls self, the safepublish
// program.
func ShimFiles(self string) map[string]string {
	return map[string]string{
		"npm": "#!/bin/sh\n# " + shimMark + ": npm publish goes through safepublish, everything else to npm\n" +
			"exec " + npm.Sh.Quote(self) + " shim -- \"$@\"\n",
		// A goto that fails ends the batch file, in which alone cmd.exe asks "Terminate batch
		// job (Y/N)?" after ^C (cmd-shim 8.0.0, lib/index.js).
		"npm.cmd": "@echo off\r\nrem " + shimMark + "\r\n" +
			"goto #_undefined_# 2>NUL || title %COMSPEC% & \"" + strings.ReplaceAll(self, "%", "%%") + "\" shim -- %*\r\n",
	}
}

// IsShim reports whether the file at path is a shim of safepublish's, whoever's: what
// looks for npm passes over it, or it would call itself.
func IsShim(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 200)
	n, _ := f.Read(head)
	return bytes.Contains(head[:n], []byte(shimMark))
}
