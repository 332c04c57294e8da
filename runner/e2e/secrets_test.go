//go:build !windows

package e2e

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// secret is one that is planted somewhere, and what a registry may say of it.
type secret struct {
	name  string
	value string
	says  []string // nil: the value
}

func (s secret) forms() []string {
	if s.says == nil {
		return []string{s.value}
	}
	return s.says
}

func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// spied is a project whose npm writes down its arguments, and whose secrets stand
// everywhere where npm reads one. It returns the arguments to publish with.
type spied struct {
	*project
	argv string
	args []string
}

func newSpied(t *testing.T, npm string, reg *stub) spied {
	t.Helper()
	p := newProject(t, npm, reg.URL, demo)
	s := spied{project: p, argv: filepath.Join(t.TempDir(), "argv")}
	wrapper := filepath.Join(t.TempDir(), "npm")
	script := "#!/bin/sh\nprintf '%s ' \"$@\" >>'" + s.argv + "'\necho >>'" + s.argv + "'\nexec '" + p.npm + "' \"$@\"\n"
	if err := os.WriteFile(wrapper, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"tmp", "prefix/etc", "deep"} {
		if err := os.MkdirAll(filepath.Join(p.home, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p.env = append(p.env, "SAFEPUBLISH_NPM="+wrapper, "TMPDIR="+filepath.Join(p.home, "tmp"))
	return s
}

func (s *spied) plant(path, text string) {
	s.t.Helper()
	f, err := os.OpenFile(filepath.Join(s.home, path), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = f.WriteString(text)
	if closed := f.Close(); err != nil || closed != nil {
		s.t.Fatal(err, closed)
	}
}

// planted puts twenty secrets where npm reads them; twelve look like nothing.
func (s *spied) planted(host string) []secret {
	const fake = "FAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKE"
	all := []secret{
		{name: "~/.npmrc", value: "3f2504e0-4f89-41d3-9a0c-0305e82c3301"},
		{name: "a variable that ~/.npmrc names", value: "0123456789abcdef0123456789abcdef01234567"},
		{name: "a password", value: "correct/horse+battery", says: []string{"correct%2Fhorse%2Bbattery", base64Of("ann:correct/horse+battery")}},
		{name: "a short password", value: "hund", says: []string{"ann:hund", base64Of("ann:hund")}},
		{name: "_auth", value: "Tr0ub4dor&3", says: []string{"Tr0ub4dor&3", base64Of("bob:Tr0ub4dor&3")}},
		{name: "the global npmrc", value: "AKCp8nFakeFakeFakeFakeFakeFakeFakeFakeFake"},
		{name: "the npmrc under the prefix", value: "NpmToken.5f2b1c3d-9a0c-3301-b1c3-0305e82c4f89"},
		{name: "the environment", value: "qjfakefakefakefakefakefakefakefakefakefakefakeq"},
		{name: "an argument", value: "opaque.argument~value=="},
		{name: "a registry's address", value: "reg1stry-pass"},
		{name: "a proxy's address", value: "pr0xy@pass", says: []string{"pr0xy@pass", "pr0xy%40pass", base64Of("eve:pr0xy@pass")}},
		{name: "a proxy in the environment", value: "pr0xy-in-env"},
		{name: "a token", value: "npm_" + fake},
		{name: "GitHub's", value: "ghp_" + fake},
		{name: "GitHub's new one", value: "github_pat_" + fake},
		{name: "GitLab's", value: "glpat-" + fake},
		{name: "a web token", value: "eyJmYWtlIjoxfQ.eyJmYWtlIjoyfQ.RkFLRUZBS0VGQUtF"},
		{name: "npm's session", value: "npms_" + fake},
		{name: "an app's", value: "gho_" + fake},
		{name: "a server's", value: "ghs_" + fake},
	}
	at := func(n int) string { return fmt.Sprintf("//127.0.0.%d/:", n) }
	v := func(n int) string { return all[n].value }
	s.plant(".npmrc", at(2)+"_authToken=\""+v(0)+"\"\n"+at(3)+"_authToken = ${ACME_PAT}\n"+at(4)+"username=ann\n"+at(4)+"_password=${WORD}\n"+
		at(5)+"username=ann\n"+at(5)+"_password="+base64Of(v(3))+"\nprefix="+s.home+"/prefix\n"+
		"@other:registry=http://carl:"+v(9)+"@127.0.0.9/\nhttps-proxy=http://eve:pr0xy%40pass@127.0.0.1:9/\n")
	s.write(".npmrc", at(6)+"_auth="+base64Of("bob:"+v(4))+"\n"+at(13)+"_authToken="+v(13)+"\n"+at(14)+"_authToken="+v(14)+"\n")
	s.plant("prefix/etc/npmrc", at(7)+"_authToken="+v(6)+"\n")
	s.plant("deep/npmrc", at(8)+"_authToken="+v(5)+"\n"+at(16)+"_authToken="+v(16)+"\n")
	s.env = append(s.env, "ACME_PAT="+v(1), "WORD="+base64Of(v(2)),
		"npm_config_"+at(10)+"_authToken="+v(7), "npm_config_globalconfig="+s.home+"/deep/npmrc",
		"HTTPS_PROXY=http://fay:"+v(11)+"@127.0.0.1:9", "NPM_TOKEN="+v(12), "CI_JOB="+v(15), "GH_SESSION="+v(17), "APP="+v(18), "SERVER="+v(19))
	s.args = []string{"--" + at(11) + "_authToken=" + v(8)}
	return all
}

// written returns the text of every file below the home that we may have written,
// and of the files named.
func (s *spied) written(files ...string) map[string]string {
	s.t.Helper()
	all := map[string]string{}
	for _, root := range append(files, filepath.Join(s.home, "state"), filepath.Join(s.home, "tmp")) {
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, _ error) error {
			if d != nil && d.Type().IsRegular() {
				text, _ := os.ReadFile(path)
				all[path] = string(text)
			}
			return nil
		})
	}
	return all
}

// The registry says every secret that npm knows in its refusal: in nothing that we
// print, write or start is one of them.
func TestRealSecretsAreNowhere(t *testing.T) {
	eachNPM(t, chosen(npm8, npm12), func(t *testing.T, npm string) {
		reg := newStub(t)
		s := newSpied(t, npm, reg)
		all := s.planted(reg.URL)
		summary, report := filepath.Join(s.home, "summary.md"), filepath.Join(s.home, "report.json")
		s.plant("summary.md", "")
		s.env = append(s.env, "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY="+summary)
		for half := range slices.Chunk(all, 10) {
			var said []string
			for _, secret := range half {
				said = append(said, secret.forms()...)
			}
			reg.answersWith(answer{status: 403, err: "Bad credentials " + strings.Join(said, " nor ")})
			_, stderr, status := s.piped(append(s.args, "--report", report)...)
			if status != 77 || !strings.Contains(stderr, "*** nor ***") {
				t.Fatalf("status %d\n%s", status, stderr)
			}
			places := s.written(report, summary)
			var ours strings.Builder
			for line := range strings.Lines(stderr) {
				if !strings.HasPrefix(line, "npm ") {
					ours.WriteString(line)
				}
			}
			places["stderr"] = ours.String()
			for _, secret := range all {
				for place, text := range places {
					for _, form := range append(secret.forms(), secret.value) {
						if secret.name == "a short password" && place != "stderr" && form == secret.value {
							continue // four letters also stand in other words of npm's log
						}
						if strings.Contains(text, form) {
							t.Errorf("%s: %s is in %s", secret.name, form, place)
						}
					}
				}
			}
		}
		s.startedWithout(all)
	})
}

// startedWithout looks at the arguments of every process: only npm publish itself
// may have the one that was typed.
func (s *spied) startedWithout(all []secret) {
	s.t.Helper()
	argv, lines := s.started(), 0
	for line := range strings.Lines(argv) {
		lines++
		for _, secret := range all {
			typed := secret.name == "an argument" && strings.HasPrefix(line, "publish ")
			if strings.Contains(line, secret.value) && !typed {
				s.t.Errorf("%s is among the arguments of npm %s", secret.name, line)
			}
		}
	}
	if lines < 8 {
		s.t.Errorf("npm was started %d times:\n%s", lines, argv)
	}
}

// A password in the registry's own address goes into no argument list, and a
// publish that goes well starts nothing but itself.
func TestRealSecretsOfTheRegistryItself(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("@acme/demo", "0.9.0")
	s := newSpied(t, npm11, reg)
	with := func(password string) string { return strings.Replace(reg.URL, "//", "//carl:"+password+"@", 1) + "/" }
	s.plant(".npmrc", "@acme:registry="+with("sc0pe-pass")+"\n")
	s.write("package.json", strings.Replace(demo, "demo", "@acme/demo", 1))
	for _, args := range [][]string{nil, {"--@acme:registry=" + with("typed-pass")}} {
		reg.answersWith(answer{status: 403, err: "Bad credentials sc0pe-pass typed-pass"})
		if _, stderr, status := s.piped(args...); status != 77 {
			t.Fatalf("status %d\n%s", status, stderr)
		}
	}
	argv := s.started()
	for line := range strings.Lines(argv) {
		typed := strings.HasPrefix(line, "publish --@acme:registry=")
		if strings.Contains(line, "sc0pe-pass") || strings.Contains(line, "typed-pass") && !typed {
			t.Errorf("a password is among the arguments of npm %s", line)
		}
	}
	if !strings.Contains(argv, "view @acme/demo") {
		t.Errorf("nothing was asked:\n%s", argv)
	}
	if _, stderr, status := s.piped(); status != 0 {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	if more := strings.TrimPrefix(s.started(), argv); !regexp.MustCompile(`^--version .*\npublish \n$`).MatchString(more) {
		t.Errorf("a publish that went well started npm with\n%s", more)
	}
}

// started returns the arguments of every npm so far, a line each.
func (s *spied) started() string {
	s.t.Helper()
	argv, err := os.ReadFile(s.argv)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(argv)
}
