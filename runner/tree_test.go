//go:build unix

package runner

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/classify"
	"safepublish/classify/transcript"
	"safepublish/remedy"
	"safepublish/remedy/edit"
)

func TestTreeLines(t *testing.T) {
	both := []string{"package-lock.json", "package.json"}
	for name, c := range map[string]struct {
		t    tree
		want string
	}{
		"no repository": {tree{changed: both, message: "1.0.1", tag: "v1.0.1"}, "\npackage-lock.json and package.json changed for this publish."},
		"committed by npm version": {
			tree{made: "npm version 1.0.1", remote: true},
			"\nTo push what npm version 1.0.1 has committed:\n    git push --follow-tags",
		},
		"npm version, and nowhere to push": {tree{made: "npm version 1.0.1"}, ""},
		"a bump": {
			tree{changed: both, tracked: both, message: "1.0.1", tag: "v1.0.1", remote: true},
			"\npackage-lock.json and package.json changed for this publish; to commit:\n" +
				"    git commit -m 1.0.1 package-lock.json package.json && git tag -m 1.0.1 v1.0.1\n    git push --follow-tags",
		},
		"several, and a file that git does not know": {
			tree{changed: []string{"a/package.json", "b c/package.json"}, tracked: []string{"b c/package.json"}, message: "publish b 1.0.1", remote: true},
			"\na/package.json and b c/package.json changed for this publish; to commit:\n    git commit -m 'publish b 1.0.1' 'b c/package.json'",
		},
		"a tag that is wrong now": {
			tree{changed: both[1:], wrong: misplaced{"v1.0.0", "1.0.0", "1234567890"}, remote: true},
			"\npackage.json changed for this publish.\n\n" +
				"The git tag v1.0.0 is on the commit that was refused; 1.0.0 was published from 1234567. If the tag is wrong, delete it:\n" +
				"    git tag -d v1.0.0\nIf it was pushed, also: git push --delete REMOTE v1.0.0",
		},
	} {
		if got := strings.Join(c.t.lines(), "\n"); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// repository is a release of demo 1.0.0 in a git repository of its own, whose npm has
// these settings.
func repository(t *testing.T, config string) (r *release, said func() string, git func(args ...string) string) {
	t.Helper()
	r, said = quiet(t)
	r.npm.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	r.npm.Path = filepath.Join(t.TempDir(), "npm")
	r.npm.StateDir = t.TempDir()
	for path, text := range map[string]string{
		r.npm.Path:                               "#!/bin/sh\n[ $1 = config ] && echo '" + config + "' || echo 11.19.1\n",
		filepath.Join(r.npm.Dir, "package.json"): `{"name":"demo","version":"1.0.0"}`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	git = func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", r.npm.Dir, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		cmd.Env = r.npm.Env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "one")
	r.pkg, _ = edit.Load(r.npm.Dir, nil)
	return r, said, git
}

// What is printed commits what was changed when it is pasted, with npm's own message and
// tag.
func TestWhatIsLeftCanBeCommittedAsPrinted(t *testing.T) {
	r, said, git := repository(t, `{"tag-version-prefix":"rel-","git-tag-version":true,"message":"release %s"}`)
	path := filepath.Join(r.npm.Dir, "package.json")
	after := []byte(`{"name":"demo","version":"1.0.1"}`)
	j := &edit.Journal{Entries: []edit.Entry{{Path: path, Before: r.pkg.Text, After: after}}}
	if err := os.WriteFile(path, after, 0o644); err != nil {
		t.Fatal(err)
	}
	r.records.kept = []*edit.Journal{j}
	r.sayLeft(t.Context(), attempt{})
	_, command, found := strings.Cut(said(), "package.json changed for this publish; to commit:\n    git ")
	if !found {
		t.Fatal(said())
	}
	cmd := exec.Command("sh", "-c", "git "+command)
	cmd.Dir, cmd.Env = r.npm.Dir, append(r.npm.Env, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b.c", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b.c")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, said())
	}
	if got := git("log", "-1", "--format=%s") + " " + git("cat-file", "-t", "rel-1.0.1") + git("status", "--porcelain"); got != "release 1.0.1 tag" {
		t.Errorf("%q after\n%s", got, said())
	}
}

// Nothing is said of a publish that has changed nothing, and in a rehearsal, whose files
// are a copy.
func TestNothingIsLeft(t *testing.T) {
	r, said, _ := repository(t, `{}`)
	r.sayLeft(t.Context(), attempt{stray: misplaced{tag: "v1.0.0"}})
	r.records.kept = []*edit.Journal{{Entries: []edit.Entry{{Done: "npm version 1.0.1"}}}}
	r.play = &play{}
	r.sayLeft(t.Context(), attempt{stray: misplaced{tag: "v1.0.0"}})
	if said() != "" {
		t.Error(said())
	}
}

// A tag is called wrong only where the registry says that its number is of another commit.
func TestWrongTag(t *testing.T) {
	r, _, git := repository(t, `{"tag-version-prefix":"v"}`)
	before := git("rev-parse", "HEAD")
	git("commit", "-q", "--allow-empty", "-m", "two")
	git("tag", "v1.0.0")
	head := git("rev-parse", "HEAD")
	for _, c := range []struct {
		from, version, remedy, want string
	}{
		{strings.Repeat("a", 40), "1.0.0", "bump", "v1.0.0"},
		{head, "1.0.0", "bump", ""},
		{before, "1.0.0", "bump", ""}, // published first, then committed
		{"", "1.0.0", "bump", ""},
		{strings.Repeat("a", 40), "1.0.1", "bump", ""},
		{strings.Repeat("a", 40), "1.0.0", "otp", ""},
	} {
		f := finding{c: &classify.Case{Transcript: transcript.Transcript{Packages: []transcript.Package{{Name: "demo", Version: c.version}}}}}
		f.after.pkg.Dir = r.npm.Dir
		f.c.Answers.RemoteVersion.GitHead = c.from
		if got := r.wrongTag(t.Context(), attempt{}, f, remedy.Offer{ID: c.remedy}); got.tag != c.want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
	if got := r.wrongTag(t.Context(), attempt{stray: misplaced{tag: "v1.0.0"}}, finding{c: &classify.Case{}}, remedy.Offer{ID: "otp"}); got.tag != "v1.0.0" {
		t.Errorf("forgotten: %+v", got)
	}
}
