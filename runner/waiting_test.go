package runner

import (
	"testing"
	"time"

	"safepublish/remedy/edit"
	"safepublish/runner/npmexec"
)

func TestWaitingFor(t *testing.T) {
	for want, w := range map[string]npmexec.Waiting{
		"npm cannot reach npmjs.org (ECONNREFUSED): try 1 of 3 failed, the next in 10 s": {Failed: "ECONNREFUSED", Try: 1, Of: 3, Next: 10 * time.Second},
		"npm cannot reach npmjs.org to upload (ENOTFOUND): try 2 of 3 failed, the next in 1 min 00 s": {
			Upload: true, Failed: "ENOTFOUND", Try: 2, Of: 3, Next: time.Minute,
		},
		"npm asked npmjs.org to upload and got 503: try 2 failed":      {Upload: true, Failed: "503", Try: 2},
		"the connection to npmjs.org broke (ECONNRESET): try 1 failed": {Upload: true, Failed: "ECONNRESET", Try: 1},
		"no answer from npmjs.org for 2 min 00 s":                      {Upload: true, Silent: 2 * time.Minute},
	} {
		w.Host = "npmjs.org"
		if got := waitingFor(w); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSetsRetries(t *testing.T) {
	for _, c := range []struct {
		pkg  edit.Package
		want bool
	}{
		{edit.Package{Kind: "folder"}, false},
		{edit.Package{Kind: "folder", Config: map[string]string{"tag": "x", "fetch-retry-mintimeout": "1"}}, true},
		{edit.Package{Kind: "workspaces"}, true},
	} {
		if got := setsRetries(c.pkg); got != c.want {
			t.Errorf("%+v: %v", c.pkg, got)
		}
	}
}
