package runner

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/edit"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// The decisions of the loop, without npm.

func folder(version string, scripts ...string) edit.Package {
	return edit.Package{Kind: "folder", Name: "demo", Version: version, Scripts: scripts}
}

func TestBuilds(t *testing.T) {
	for _, c := range []struct {
		pkg  edit.Package
		args []string
		want bool
	}{
		{folder("1.0.0"), nil, false},
		{folder("1.0.0", "test", "postpublish"), nil, false},
		{folder("1.0.0", "prepack"), nil, true},
		{folder("1.0.0", "prepublish"), nil, false}, // npm 7 and later do not run it
		{folder("1.0.0", "postpack"), nil, true},
		{folder("1.0.0", "prepack"), []string{"--ignore-scripts"}, false},
		{edit.Package{Kind: "tarball", Scripts: []string{"prepack"}}, nil, false},
		{edit.Package{Kind: "workspaces"}, nil, true}, // whose scripts nobody has read
	} {
		if got := builds(c.pkg, c.args, npm.ParseVersion("11.19.1")); got != c.want {
			t.Errorf("%s with %v, %v: %v", c.pkg.Kind, c.pkg.Scripts, c.args, got)
		}
	}
}

// What was sent is what package.json held when the upload began, as far as anybody
// can say; never what npm printed before a script changed it.
func TestSentAs(t *testing.T) {
	listed := transcript.Package{Name: "demo", Version: "1.0.0"}
	put := func(url string) transcript.Package {
		p := listed
		p.Upload.Method, p.Upload.URL = "PUT", url
		return p
	}
	manifest := func(version string, late bool) npmexec.Result {
		return npmexec.Result{Manifest: []byte(`{"name":"demo","version":"` + version + `"}`), ManifestLate: late}
	}
	refused := npmexec.Result{}
	refused.PkgID = "demo@3.0.0"
	for _, c := range []struct {
		name          string
		p             transcript.Package
		result        npmexec.Result
		before, after string // versions
		built         bool
		want          edit.Identity
	}{
		{"nothing changed", listed, npmexec.Result{}, "1.0.0", "1.0.0", true, edit.Identity{Name: "demo", Version: "1.0.0"}},
		{"npm corrects v1.0.0", listed, manifest("v1.0.0", false), "v1.0.0", "v1.0.0", true, edit.Identity{Name: "demo", Version: "1.0.0"}},
		{"a script raised it before the upload", listed, manifest("2.0.0", false), "1.0.0", "2.0.0", true, edit.Identity{Name: "demo", Version: "2.0.0"}},
		{"a script put it back after the upload", listed, manifest("2.0.0", false), "1.0.0", "1.0.0", true, edit.Identity{Name: "demo", Version: "2.0.0"}},
		{"seen too late, and changed again", listed, manifest("2.0.0", true), "1.0.0", "3.0.0", true, edit.Identity{Name: "demo"}},
		{"seen late, and still the same", listed, manifest("2.0.0", true), "1.0.0", "2.0.0", true, edit.Identity{Name: "demo", Version: "2.0.0"}},
		{"changed, and nobody saw when", listed, npmexec.Result{}, "1.0.0", "2.0.0", true, edit.Identity{Name: "demo"}},
		{"no script ran", listed, npmexec.Result{}, "1.0.0", "2.0.0", false, edit.Identity{Name: "demo", Version: "1.0.0"}},
		{"npm says what failed", put("http://127.0.0.1/demo"), refused, "1.0.0", "1.0.0", true, edit.Identity{Name: "demo", Version: "3.0.0"}},
		{"another address", put("http://127.0.0.1/other"), npmexec.Result{}, "1.0.0", "1.0.0", true, edit.Identity{Name: "other"}},
	} {
		if got := sentAs(c.p, c.result, folder(c.before), folder(c.after), c.built); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestUploadsOfARun(t *testing.T) {
	p := transcript.Package{Name: "demo", Version: "1.0.0", Registry: "http://127.0.0.1:4873", Shasum: strings.Repeat("a", 40)}
	p.Upload.State = transcript.Open
	c := &classify.Case{Transcript: transcript.Transcript{Packages: []transcript.Package{p}}}
	ran := run{
		before: source{sent: folder("1.0.0")}, after: source{sent: edit.Package{Dir: "/p", Name: "demo", Version: "1.0.1"}},
		began: time.Unix(7, 0),
	}
	got := uploads(c, ran)
	want := ledger.Upload{
		Target: ledger.At("http://127.0.0.1:4873/", "demo", "1.0.0"), Contents: npm.Contents{Shasum: strings.Repeat("a", 40)},
		State: transcript.Open, Began: time.Unix(7, 0), Folder: "/p", As: "demo", Left: "1.0.1",
	}
	if len(got) != 1 || got[0] != want {
		t.Errorf("%+v", got)
	}
}

// A commit proves something only where both are known.
func TestSightOfACommit(t *testing.T) {
	at := ledger.At("http://127.0.0.1/", "demo", "1.0.0")
	for _, c := range []struct {
		head, shown string
		want        classify.Answer
	}{{"abc", "abc", classify.Yes}, {"abc", "def", classify.No}, {"", "abc", classify.Unknown}, {"abc", "", classify.Unknown}} {
		if got := sight(at, classify.RemoteVersion{Found: classify.Yes, GitHead: c.shown}, c.head); got.Commit != c.want || got.Asked.IsZero() {
			t.Errorf("%q, %q: %+v", c.head, c.shown, got)
		}
	}
}

func offers() []remedy.Offer {
	return []remedy.Offer{
		{ID: "bump", Value: "1.0.1", Words: []string{"patch"}, Title: "Publish as 1.0.1", Safety: remedy.Ask},
		{ID: "private", Title: "Take private out", Safety: remedy.NeedsUser},
		{ID: "retry", Title: "Try again", Safety: remedy.Unattended, Plan: remedy.Plan{remedy.Wait{For: time.Minute}}},
	}
}

func TestFixed(t *testing.T) {
	for _, c := range []struct {
		fixes   []string
		want    string // the --fix that is taken, "" for none
		word    ledger.Word
		refused int
	}{
		{nil, "", ledger.Nobody, 0},
		{[]string{"bump=patch"}, "bump=patch", ledger.Fix, 0},
		{[]string{"bump=1.0.1"}, "bump=1.0.1", ledger.Number, 0},
		{[]string{"tag=beta"}, "", ledger.Nobody, 1},
		{[]string{"tag=beta", "bump=patch"}, "bump=patch", ledger.Fix, 0},
	} {
		got, refused := fixed(offers(), c.fixes)
		switch {
		case len(refused) != c.refused:
			t.Errorf("%q: refused %q", c.fixes, refused)
		case got == nil && c.want != "", got != nil && (got.fix != c.want || got.word != c.word):
			t.Errorf("%q: %+v", c.fixes, got)
		}
	}
}

func TestMovedTakesEachFixOnce(t *testing.T) {
	left, used := moved("bump", []string{"tag=a", "bump", "bump"}, []string{"otp"})
	if !slices.Equal(left, []string{"tag=a", "bump"}) || !slices.Equal(used, []string{"otp", "bump"}) {
		t.Errorf("%q, %q", left, used)
	}
	if left, used = moved("", left, used); len(left) != 2 || len(used) != 2 {
		t.Errorf("no fix: %q, %q", left, used)
	}
}

func TestNextCommandNamesTheFixesThatAreUndone(t *testing.T) {
	r := &release{npm: &npmexec.Runner{NPM: &npmexec.NPM{}}}
	a := attempt{Attempt: remedy.Attempt{Args: []string{"--tag", "x"}}, used: []string{"tag=it's", "otp"}}
	if got, want := r.command(a, offers()[0]), `safepublish --fix 'tag=it'\''s' --fix otp --fix bump=patch --tag x`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := r.command(a, offers()[1]); got != "" {
		t.Error(got)
	}
}

func TestBudgetOfWaits(t *testing.T) {
	b := budget{most: time.Minute}
	if !b.allow(time.Minute) || b.allow(time.Minute+1) {
		t.Error("a whole minute, and no more")
	}
	b.spend(time.Second)
	if b.allow(time.Minute) || !b.allow(59*time.Second) {
		t.Error("what was waited counts")
	}
	if got := waiting(offers()[2]); got != time.Minute {
		t.Error(got)
	}
}

func TestManifestChanged(t *testing.T) {
	ran := run{before: source{sent: folder("1.0.0")}, after: source{sent: folder("1.0.0", "prepack")}}
	if ran.manifestChanged() {
		t.Error("a script in it is no other package")
	}
	ran.after.sent.Version = "1.0.1"
	if !ran.manifestChanged() {
		t.Error("another version is")
	}
}

// quiet is a release without npm, terminal and disk. What it says goes to the file
// that it returns.
func quiet(t *testing.T) (*release, func() string) {
	t.Helper()
	out, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	_, g, _ := watched(t)
	r := &release{
		ui: prompts.New(nil, out, nil, strings.Clone), records: &records{keepable: func(s string) string { return s }}, guard: g,
		npm: &npmexec.Runner{NPM: &npmexec.NPM{Dir: t.TempDir()}, Out: out, Redactor: transcript.NewRedactor(nil)}, waits: &budget{}, output: &output{},
	}
	return r, func() string {
		text, err := os.ReadFile(out.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

func refusedWith(cause string) finding {
	return finding{
		c: &classify.Case{}, failed: true, run: run{result: npmexec.Result{Transcript: transcript.Transcript{Exit: 1}}},
		diag: classify.Diagnosis{Cause: classify.Lookup(cause), Sure: true},
	}
}

// While an upload is open nothing ends with 0 or 65: a script that bumps on 65 could
// publish twice.
func TestNothingSaysChangeItWhileAnUploadIsOpen(t *testing.T) {
	r, _ := quiet(t)
	f := refusedWith("version-exists")
	if got := r.last(f); got.status != classify.ExitData || got.line != "safepublish: version-exists: "+f.diag.Title() {
		t.Errorf("%+v", got)
	}
	r.records.led.Ended(ledger.Upload{Target: ledger.At("http://127.0.0.1/", "demo", "1.0.0"), State: transcript.Open})
	if got := r.last(f); got.status != classify.ExitTempFail {
		t.Errorf("%+v", got)
	}
}

func TestFinishSaysWhichFixWasNotNeeded(t *testing.T) {
	for _, c := range []struct {
		a    attempt
		e    end
		want string
	}{
		{attempt{fixes: []string{"otp"}, met: []string{"version-exists"}}, end{}, "--fix otp was not needed.\n"},
		{attempt{fixes: []string{"otp"}}, end{}, ""}, // it went well at once
		{attempt{fixes: []string{"otp"}, met: []string{"version-exists"}, told: true}, end{}, ""},
		{attempt{}, end{status: 65, line: "safepublish: a: b"}, "safepublish: a: b\n"},
	} {
		r, said := quiet(t)
		if got := r.conclude(r.finish(c.a, c.e)); got.status != c.e.status || said() != c.want {
			t.Errorf("%+v, %+v: %+v, %q", c.a, c.e, got, said())
		}
	}
}

// A publish that went well and whose stdout nobody got is a failure for a script that
// reads it.
func TestFinishWhoseOutputWasLost(t *testing.T) {
	r, said := quiet(t)
	r.output.replace(nil, errors.New("no space left on device"))
	if got := r.finish(attempt{}, end{}); got.status != exitOutput || !strings.Contains(said(), "no space left on device") {
		t.Errorf("%+v, %q", got, said())
	}
}

// Once anything was sent, nothing goes out that the ledger does not grant.
func TestPermitIsTheOneGate(t *testing.T) {
	pkg := folder("1.0.1")
	pkg.Config = map[string]string{"registry": "http://127.0.0.1:9/"}
	r, _ := quiet(t)
	if _, stop := r.permit(t.Context(), attempt{}, pkg); stop != nil {
		t.Errorf("nothing was sent: %+v", stop)
	}
	u := ledger.Upload{Target: ledger.At("http://127.0.0.1:9/", "demo", "1.0.0"), State: transcript.Open, Began: time.Now()}
	r.records.led.Ended(u)
	r.records.led.Seen(ledger.Sight{Target: u.Target, Found: classify.No, Asked: time.Now()})
	if _, stop := r.permit(t.Context(), attempt{word: ledger.Person}, pkg); stop == nil || stop.status != classify.ExitTempFail {
		t.Errorf("another number while an upload is open: %+v", stop)
	}
	same := pkg
	same.Version = "1.0.0"
	a, stop := r.permit(t.Context(), attempt{fixes: []string{"retry"}}, same)
	if stop != nil || !slices.Equal(a.used, []string{"retry"}) {
		t.Errorf("the same number with --fix retry: %+v, %+v", a, stop)
	}
	r.dry = true
	if _, stop := r.permit(t.Context(), attempt{}, pkg); stop != nil {
		t.Errorf("a dry run sends nothing: %+v", stop)
	}
}

// A number on the command line is not one on disk: npm 9 and older go by publishConfig.
func TestSetting(t *testing.T) {
	pkg := edit.Package{Config: map[string]string{"tag": "next"}}
	a := attempt{Attempt: remedy.Attempt{Args: []string{"--tag", "beta"}}}
	for version, want := range map[string]string{"9.9.4": "next", "10.9.0": "beta"} {
		r := &release{version: npm.ParseVersion(version)}
		if got := r.setting(a, "tag", pkg); got != want {
			t.Errorf("npm %s: %s, want %s", version, got, want)
		}
	}
	if got := (&release{version: npm.ParseVersion("9.9.4")}).setting(a, "access", pkg); got != "" {
		t.Error(got)
	}
}

// A screen on which nothing moves holds for npm too; a log is npm's own business.
func TestPlainForNPM(t *testing.T) {
	still := []string{"npm_config_progress=false", "npm_config_color=false"}
	for _, c := range []struct {
		env    []string
		person bool
		want   []string
	}{
		{[]string{"TERM=xterm"}, true, []string{"TERM=xterm"}},
		{[]string{"TERM=dumb"}, false, []string{"TERM=dumb"}},
		{[]string{"TERM=dumb", "npm_config_progress=true"}, true, append([]string{"TERM=dumb"}, still...)},
		{[]string{"TERM=xterm", "SAFEPUBLISH_PLAIN=1"}, true, append([]string{"TERM=xterm", "SAFEPUBLISH_PLAIN=1"}, still...)},
	} {
		if got := npmEnv(c.env, c.person); !slices.Equal(got, c.want) {
			t.Errorf("%q, a person %v: %q", c.env, c.person, got)
		}
	}
}

// menus answers the questions of a menu: the titles to choose, and the lines to type.
type menus struct {
	t      *testing.T
	choose []string
	text   []string
	agree  bool
	shown  [][]string
}

func (m *menus) Choose(_ string, items []prompts.Item, _ int) (int, error) {
	var titles []string
	for _, item := range items {
		titles = append(titles, item.Title)
	}
	m.shown = append(m.shown, titles)
	want := m.choose[0]
	m.choose = m.choose[1:]
	i := slices.Index(titles, want)
	if i < 0 {
		m.t.Fatalf("%q is not in %q", want, titles)
	}
	return i, nil
}

func (m *menus) Text(_ string, check func(string) error) (string, error) {
	for {
		typed := m.text[0]
		m.text = m.text[1:]
		if check(typed) == nil {
			return typed, nil
		}
	}
}

func (m *menus) Secret(label string, check func(string) error) (string, error) {
	return m.Text(label, check)
}

func (m *menus) Confirm(string, string) (bool, error) {
	m.agree = !m.agree
	return !m.agree, nil // first no, then yes
}

// What is no offer ends the menu as it says; a line that is left empty, and a question
// that is answered with no, lead back to it.
func TestMenuOfOffers(t *testing.T) {
	version := remedy.Offer{ID: "bump", Title: "Another version …", Safety: remedy.Ask, Input: &remedy.Input{
		Label: "Version", Complete: func(v string) (remedy.Offer, error) {
			if v != "0.9.0" {
				return remedy.Offer{Value: v}, errors.New("refused")
			}
			return remedy.Offer{Value: v, Confirm: &remedy.Confirm{Question: "Publish 0.9.0?", Want: "y"}}, nil
		},
	}}
	for _, c := range []struct {
		choose, text []string
		want         string
		err          error
	}{
		{choose: []string{prompts.GiveUp}, err: prompts.ErrGivenUp},
		{choose: []string{prompts.Skip}, err: errSkipped},
		{choose: []string{prompts.RunScripts}, err: errBuild},
		{choose: []string{"Another version …", prompts.GiveUp}, text: []string{""}, err: prompts.ErrGivenUp},
		{choose: []string{"Another version …", prompts.GiveUp}, text: []string{"no", ""}, err: prompts.ErrGivenUp},
		{choose: []string{"Another version …", prompts.GiveUp}, text: []string{"0.9.0"}, err: prompts.ErrGivenUp},
		{choose: []string{"Another version …", "Another version …"}, text: []string{"no", "0.9.0", "0.9.0"}, want: "0.9.0"},
	} {
		r, _ := quiet(t)
		ask := &menus{t: t, choose: c.choose, text: c.text}
		r.ask, r.queued = ask, &queued{}
		o, err := r.menu(finding{mayBuild: true}, []remedy.Offer{version})
		if !errors.Is(err, c.err) || (o != nil) != (c.want != "") || o != nil && o.Value != c.want {
			t.Errorf("%q, %q: %+v, %v", c.choose, c.text, o, err)
		}
		want := []string{"Another version …", prompts.RunScripts, prompts.Skip, prompts.GiveUp}
		if !slices.Equal(ask.shown[0], want) {
			t.Errorf("the menu was %q", ask.shown[0])
		}
	}
}
