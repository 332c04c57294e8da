//go:build !windows

package e2e

import (
	"fmt"
	"testing"

	"safepublish/prompts"
)

// What is typed or pasted at a menu is no answer to it, with Enter behind it or not:
// nothing is sent and nothing is changed.
func TestRealWordsAtTheMenuPublishNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env, refused, leaves string
		words                []string
	}{
		"menu": {"TERM=xterm-256color", prompts.EnterIsOff, "\x1b", []string{
			"no\r", "\x1b[Aquit\r", "\x1b[Bgit log\r", "\x1b[A\x1b[200~y\r\x1b[201~\r",
		}},
		"plain": {"SAFEPUBLISH_PLAIN=1", "a number from 1 to", "q\r", []string{"no\r", "quit\r", "\r", "y\r"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t).holds("demo", "1.0.0")
			p := newProject(t, npm11, reg.URL, demo)
			p.env = append(p.env, c.env)
			before := p.tree()
			x := p.terminal()
			x.await("(version-exists)")
			if name == "menu" {
				x.await("Give up")
			} else {
				x.await("or q to give up: ")
			}
			for _, words := range c.words {
				x.send(words)
				x.await(c.refused)
				if name == "plain" { // what is typed before the next question stands there is thrown away
					x.await("or q to give up: ")
				}
			}
			x.send(c.leaves)
			x.ends(130)
			if sent, _ := reg.got(); len(sent) != 0 { // npm 11 itself saw that the version is there
				t.Errorf("sent %+v", sent)
			}
			if after := p.tree(); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("the files are not as they were:\n%q", after)
			}
		})
	}
}
