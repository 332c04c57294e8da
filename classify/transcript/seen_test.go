package transcript

import "testing"

// What npm printed is not said again; what it only logged is.
func TestSeen(t *testing.T) {
	const log = "0 verbose cli /usr/bin/node /usr/bin/npm\n35 error code E403\n36 error 403 403 Forbidden - PUT http://h/demo - no\n"
	for screen, want := range map[string]bool{
		"npm error code E403\nnpm error 403 403 Forbidden - PUT http://h/demo - no\n":   true,
		"npm ERR! code E403\r\nnpm ERR! 403 403 Forbidden - PUT http://h/demo - no\r\n": true,
		"": false,
		"a script prints 403 403 Forbidden - PUT http://h/demo - no\n": false,
	} {
		run := Read(Input{Log: []byte(log), Screen: []byte(screen), Exit: 1})
		if run.Seen("log:36") != want || run.Seen("log:1") || run.Seen("npm view demo") {
			t.Errorf("%q: %v", screen, run.Seen("log:36"))
		}
	}
}
