package runner

import (
	"os"
	"strings"
	"testing"

	"safepublish/classify"
	"safepublish/classify/transcript"
	"safepublish/prompts"
)

// doomed is a look at a publish of which the registry says that the token is dead.
func doomed(t *testing.T) (*look, classify.Answers) {
	t.Helper()
	c := &classify.Case{
		Package: classify.Package{
			Kind: "folder", Name: "demo", Version: "1.0.1", Manifest: []byte(`{"name":"demo","version":"1.0.1","scripts":{"prepack":"tsc"}}`),
		},
		Settings: classify.Settings{Registry: "http://127.0.0.1:1/"},
	}
	c.NPM = "11.19.1"
	c.Answers.Npmrc = &classify.Npmrc{Settings: []classify.Setting{
		{Level: "user", File: "/home/me/.npmrc", Name: "~/.npmrc", Key: "//127.0.0.1:1/:_authToken", Holds: classify.HeldPresent},
	}}
	answers := classify.Answers{Registry: c.Settings.Registry, Identity: classify.Identity{Known: classify.No}, Alive: classify.No}
	return newLook(c, true), answers
}

var account = []classify.Question{classify.AskIdentity, classify.AskAccess}

// A wall that comes while the scripts run ends npm where nobody is asked, and is said where
// somebody is; once npm sends, neither.
func TestLateWall(t *testing.T) {
	for _, c := range []struct {
		name                   string
		person, sending, first bool // first: the answer came right before npm was started
		stops, says            bool
	}{
		{name: "nobody", stops: true},
		{name: "nobody, just before", first: true, stops: true},
		{name: "nobody, too late", sending: true},
		{name: "a person", person: true, says: true},
		{name: "a person, just before", person: true, first: true, says: true},
		{name: "a person, too late", person: true, sending: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, answers := doomed(t)
			r := &release{ui: prompts.New(nil, nil, nil, func(s string) string { return s })}
			if c.person {
				r.ask = asks{r.ui, nil}
			}
			if c.first {
				l.note(answers, account)
			}
			ctx, b := r.beside(t.Context(), l)
			if c.sending {
				b.sends()
			}
			if !c.first {
				l.note(answers, account)
			}
			said := b.aside()
			if stopped := ctx.Err() != nil; stopped != c.stops || (said != "") != c.says || b.aside() != "" {
				t.Errorf("stopped: %v, said %q", stopped, said)
			}
			if c.says && (!strings.Contains(said, "token-invalid") || !strings.Contains(said, "^C")) {
				t.Errorf("said %q", said)
			}
		})
	}
}

// Only a run that had sent nothing is told as one that was stopped; of any other the
// registry is asked what became of it.
func TestStoppedBy(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(f *finding, l *look)
		want   bool
	}{
		{"nothing was sent", func(*finding, *look) {}, true},
		{"the upload had begun", func(f *finding, _ *look) { f.c.Packages[0].Upload.State = transcript.Open }, false},
		{"no log tells", func(f *finding, _ *look) { f.c.HasLog = false }, false},
		{"it never started", func(f *finding, _ *look) { f.c.NeverStarted = true }, false},
		{"somebody else ended it", func(f *finding, _ *look) { f.result.SignalToUs = os.Interrupt }, false},
		{"npm was not stopped", func(_ *finding, l *look) { l.building.stopped = false }, false},
	} {
		l, answers := doomed(t)
		r := &release{ui: prompts.New(nil, nil, nil, func(s string) string { return s })}
		_, _ = r.beside(t.Context(), l)
		l.note(answers, account)
		f := finding{c: &classify.Case{}}
		f.c.HasLog, f.c.Packages = true, []transcript.Package{{Name: "demo"}}
		f.result.Signal = "terminated"
		c.change(&f, l)
		got, stopped := l.stoppedBy(f)
		if stopped != c.want {
			t.Errorf("%s: stopped %v", c.name, stopped)
		}
		if !stopped {
			continue
		}
		last := got.diag.Evidence[len(got.diag.Evidence)-1].Text
		if got.diag.Cause.ID != "token-invalid" || got.exit() != classify.ExitNoPerm || !strings.Contains(last, "the scripts were stopped and nothing was sent") {
			t.Errorf("%s: %s, status %d, %q", c.name, got.diag.Cause.ID, got.exit(), last)
		}
	}
	var none *look
	if _, stopped := none.stoppedBy(finding{}); stopped {
		t.Error("stopped without a look")
	}
	none.close()
}
