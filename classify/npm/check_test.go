package npm

import (
	"errors"
	"strings"
	"testing"
)

// releases are the npm that the table is made from, and one of which nothing is known.
var releases = []string{"6.14.18", "8.19.4", "9.9.4", "10.9.0", "11.19.1", "12.2.0", ""}

func here(word string) bool { return word == "dist" || word == "a/b" || word == "x.tgz" }

// TestCheckRefuses has all that was measured to publish for real, or under
// another name, tag or registry than the one that was meant.
func TestCheckRefuses(t *testing.T) {
	for _, tt := range []struct {
		args string
		want string // what the line must say
	}{
		{"--dryrun", "did you mean --dry-run?"},
		{"--dryRun", "did you mean --dry-run?"},
		{"-n", "did you mean --dry-run?"},
		{"--dry_run", "did you mean --dry-run?"},
		{"--DRY-RUN", "did you mean --dry-run?"},
		{"-dryrun", "did you mean --dry-run?"},
		{"--dru-run", "did you mean --dry-run?"},
		{"--dry-rum", "did you mean --dry-run?"},
		{"--no-dryrun", "did you mean --no-dry-run?"},
		{"--Tag|beta", "did you mean --tag?"},
		{"--tags|beta", "did you mean --tag?"},
		{"--acces|public", "did you mean --access?"},
		{"--acess|public", "did you mean --access?"},
		{"--access|--dry-run", "write --access=VALUE"},
		{"--registry|--dry-run", "npm takes --dry-run for the value of --registry"},
		{"--loglevel|--dry-run", "write --loglevel=VALUE"},
		{"--fetch-retries|--dry-run", "write --fetch-retries=VALUE"},
		{"--browser|--dry-run", "npm takes --dry-run for the value of --browser"},
		{"--no-ca|--dry-run", "npm takes --dry-run"},
		{"--tag|--dry-run", "--tag needs a value"},
		{"--tag=--dry-run", "--tag needs a value"},
		{"--dry-run|false", "npm publishes for real on --dry-run false"},
		{"--no-dry-run|true", "npm publishes for real on --no-dry-run true"},
		{"--dry-run=yes", "only true or false after --dry-run="},
		{"--dry-run=", "only true or false"},
		{"--dry-run=1", "only true or false"},
		{"--dry-run=--json", "only true or false"},
		{"--acc|public", "did you mean --access?"},
		{"-acc|public", "did you mean --access?"},
		{"--regis=http://127.0.0.1/", "did you mean --registry?"},
		{"--prov", "did you mean --provenance?"},
		{"--verb", "unknown option --verb"},
		{"-tag|beta", "did you mean --tag?"},
		{"-json", "did you mean --json?"},
		{"--w|a", "unknown option --w"},
		{"-fg", "neither safepublish nor npm"},
		{"-fC|x", "neither safepublish nor npm"},
		{"--no-no-dry-run", "did you mean --no-dry-run?"},
		{"--NO-dry-run", "did you mean --no-dry-run?"},
		{"--=x", "there is no folder"},
		{"-=-f", "is not an option"},
		{"--registry=not-a-url", "is not a URL"},
		{"--registry|npmjs.org", "is not a URL"},
		{"--registry=localhost:4873", "is not a URL"},
		{"--registry=", "is not a URL"},
		{"--reg=x", "the value of --reg is not a URL"},
		{"--no-registry", "is not a URL"},
		{"--@acme:registry=x", "is not a URL"},
		{"--@acme:registry|http://127.0.0.1/", "write --@acme:registry=VALUE"},
		{"--//127.0.0.1/:_authToken|npm_FAKE", "write --//127.0.0.1/:_authToken=VALUE"},
		{"--no-tag", "--no-tag is not a dist-tag"},
		{"--tag=", "--tag is not a dist-tag"},
		{"--tag|", "--tag is not a dist-tag"},
		{"--access=pubic", `has no access "pubic"; it has restricted, public`},
		{"--access=", `has no access ""`},
		{"--tag next", `"--tag" and its value are one argument; write --tag=VALUE`},
		{"--tag|next|--access public", "write --access=VALUE"},
		{"--frobnicate", "neither safepublish nor npm"},
		{"--frobnicate=npm_FAKE", "neither safepublish nor npm"},
		{"--fixx|bump", "did you mean --fix?"},
		{"--fix|bump", "did you mean --fix?"}, // as Split leaves it with other options
		{"--no-inputs", "did you mean --no-input?"},
		{"--max-attempt|3", "did you mean --max-attempts?"},
		{"--workspce|a", "did you mean --workspace?"},
		{"--access", "--access needs a value"},
		{"yes", "there is no folder or tarball yes here"},
		{"@scope/pkg@1.0.0", "a package of the registry"},
		{"user/repo", "a repository on GitHub"},
		{"gone.tgz", "there is no tarball gone.tgz here"},
		{"publish", "leave the word publish out"},
		{"--json|check", "subcommand only as the first argument"},
		{"explian", "did you mean explain?"},
		{"./a|./b", "one package at a time"},
		{"--|./a|./b", "one package at a time"},
		{"", ""},
		{"-", "there is no folder"},
	} {
		for _, major := range releases {
			err := Check(words(tt.args), ParseVersion(major), here)
			var usage *UsageError
			if tt.args == "" {
				if err != nil {
					t.Errorf("npm %s: Check(%s) = %v, want nil", major, tt.args, err)
				}
				continue
			}
			if major == "6.14.18" && strings.HasPrefix(tt.args, "--prov") {
				continue // has none
			}
			if !errors.As(err, &usage) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("npm %q: Check(%s) = %v, want a line with %q", major, tt.args, err, tt.want)
			}
			if err != nil && (strings.Contains(err.Error(), "FAKE") || strings.Contains(err.Error(), "\n")) {
				t.Errorf("npm %q: Check(%s) says %q", major, tt.args, err)
			}
		}
	}
}

func TestCheckBareFolder(t *testing.T) {
	for version, want := range map[string]string{
		"": "", "6.14.18": "", "10.9.0": "npm takes dist for a package of the registry; write ./dist",
	} {
		if got := message(Check([]string{"dist"}, ParseVersion(version), here)); got != want {
			t.Errorf("npm %q: %q, want %q", version, got, want)
		}
	}
	if got := message(Check([]string{"a/b"}, ParseVersion("11.19.1"), here)); got != "npm takes a/b for a repository on GitHub; write ./a/b" {
		t.Error(got)
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestCheckByMajor has what depends on npm's version.
func TestCheckByMajor(t *testing.T) {
	for _, tt := range []struct {
		args  string
		takes func(major int) bool
	}{
		{"-ws", func(m int) bool { return m < 12 && m != 6 }},
		{"--ws", func(m int) bool { return m != 6 }},
		{"-dd", func(m int) bool { return m < 12 }},
		{"-verbose", func(m int) bool { return m < 12 }},
		{"--verbose", func(int) bool { return true }},
		{"--access=private", func(m int) bool { return m > 10 }},
		{"--unsafe-perm", func(m int) bool { return m == 6 }},
		{"--provenance", func(m int) bool { return m > 8 }},
	} {
		for _, release := range releases[:6] {
			major := ParseVersion(release).Major()
			if err := Check(words(tt.args), ParseVersion(release), here); (err == nil) != tt.takes(major) {
				t.Errorf("npm %q: Check(%s) = %v", release, tt.args, err)
			}
		}
	}
}

// TestCheckPassesWhatNpmTakes goes through every key of every npm in each form
// in which npm reads what is written.
func TestCheckPassesWhatNpmTakes(t *testing.T) {
	n := 0
	for _, release := range releases {
		by := ParseVersion(release)
		pass := func(args ...string) {
			n++
			if err := Check(args, by, here); err != nil {
				t.Errorf("npm %q: Check(%q) = %v, want nil", release, args, err)
			}
		}
		for name, k := range table() {
			switch {
			case !k.in(by):
			case k.stands == nil:
				for _, args := range legalForms(name, k.types) {
					pass(args...)
					pass(append([]string{"--json", "./dist"}, args...)...)
				}
			default:
				if args := asShorthand(name, k); args != nil {
					pass(args...)
				}
			}
		}
		pass("--//127.0.0.1:4873/:_authToken=npm_FAKE")
		pass("--@acme:registry=http://127.0.0.1/")
		pass("--", "./dist")
		for _, spec := range []string{
			".", "./dist", "../x", "/tmp/x", "~/x", "dist/", "a/b/c", "x.tgz", "file:dist", "C:\\x", "https://127.0.0.1/x.tgz",
			"github:a/b", "git@github.com:a/b.git",
		} {
			pass(spec)
		}
	}
	if n < 2500 {
		t.Errorf("only %d forms were tried", n)
	}
}

// asShorthand writes a shorthand with its value; nil for those that Check refuses.
func asShorthand(name string, k key) []string {
	if strings.Contains(k.stands[0], "no-reg") || name == "-n" {
		return nil // npm 6: -N, which gives no URL; -n, which people mean for --dry-run
	}
	args := []string{name}
	if len(name) > 2 {
		args[0] = "-" + name
	}
	full := strings.TrimPrefix(k.stands[0], "--")
	if to, ok := keyOf(full); ok && len(k.stands) == 1 && !to.types.has("Boolean") {
		args = append(args, example(full, to.types))
	}
	return args
}

func legalForms(key string, ty types) [][]string {
	flag, no, value := "--"+key, "--no-"+key, example(key, ty)
	switch {
	case ty.has("Boolean") && ty.has("String"): // browser
		return [][]string{{flag}, {no}, {flag + "=true"}, {flag, value}, {flag + "=" + value}}
	case ty.has("Boolean") && key == "dry-run":
		return [][]string{{flag}, {no}, {flag + "=true"}, {flag + "=false"}, {flag, "true"}}
	case ty.has("Boolean"):
		return [][]string{{flag}, {no}, {flag + "=true"}, {flag + "=false"}, {flag, "true"}, {flag, "false"}}
	case key == "tag" || key == "registry":
		return [][]string{{flag, value}, {flag + "=" + value}}
	}
	return [][]string{{flag, value}, {flag + "=" + value}, {no}}
}

func example(key string, ty types) string {
	if words := ty.constants(); len(words) > 0 && words[0] != "" {
		return words[0]
	}
	switch {
	case strings.HasSuffix(key, "registry"), ty.has("url") || ty.has("URL"):
		return "http://127.0.0.1:4873/"
	case ty.has("Number"):
		return "-1"
	}
	return "some/value"
}
