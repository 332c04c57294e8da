//go:build !windows

package prompts

import (
	"io"
	"os"
	"strings"
	"testing"
)

// Nobody reads: what is being printed waits, and no longer once it is hurried.
func TestHurryEndsTheWaitForWhoDoesNotRead(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	u := New(os.Stdin, write, nil, strings.Clone)
	u.Line("read")
	done := make(chan struct{})
	go func() {
		defer close(done)
		u.Bare(strings.Repeat("x", 4<<20)) // more than a pipe holds
		u.Line("and more")
		u.Restore()
	}()
	got := make([]byte, 6)
	if _, err := io.ReadFull(read, got); err != nil || string(got) != "read\nx" { // it is being printed
		t.Errorf("%q, %v", got, err)
	}
	u.Hurry()
	u.Hurry()
	<-done
}
