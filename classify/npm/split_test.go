package npm

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		name string
		args string // separated by |
		want Words
	}{
		{"nothing", "", Words{}},
		{"npm's", "--tag|beta|--access=public|./dist", Words{NPM: []string{"--tag", "beta", "--access=public", "./dist"}, Checked: 4}},
		{"own before and behind", "--fix|bump=minor|--tag|beta|--no-input", Words{
			Own: []string{"--fix=bump=minor", "--no-input"}, NPM: []string{"--tag", "beta"}, Checked: 2,
		}},
		{"repeated, no split at commas", "--fix=a,b|--fix|tag=next", Words{Own: []string{"--fix=a,b", "--fix=tag=next"}}},
		{"one dash is npm's", "-fix|x", Words{NPM: []string{"-fix", "x"}, Checked: 2}},
		{"the first -- is removed", "--fix|bump|--|--fix|x|--dryrun", Words{
			Own: []string{"--fix=bump"}, NPM: []string{"--fix", "x", "--dryrun"},
		}},
		{"a second -- stays", "--json|--|--tag|x|--|-y", Words{NPM: []string{"--json", "--tag", "x", "--", "-y"}, Checked: 1}},
		{"subcommand first", "check|--json|--tag|x", Words{
			Command: "check", Own: []string{"--json"}, NPM: []string{"--tag", "x"}, Checked: 2,
		}},
		{"subcommand word later is a spec", "--json|check", Words{NPM: []string{"--json", "check"}, Checked: 2}},
		{"--all is npm's when publishing", "--all", Words{NPM: []string{"--all"}, Checked: 1}},
		{"--all is ours in rehearse", "rehearse|--all", Words{Command: "rehearse", Own: []string{"--all"}}},
		{"explain a file", "explain|-", Words{Command: "explain", NPM: []string{"-"}, Checked: 1}},
		{"help", "--tag|x|-h", Words{Own: []string{"--help"}, NPM: []string{"--tag", "x"}, Checked: 2}},
		{"version", "--version", Words{Own: []string{"--version"}}},
		{"otp with =", "--otp=123456|--json", Words{NPM: []string{"--json"}, Checked: 1, OTP: "123456", OTPGiven: true}},
		{"otp", "--json|--otp|123456|./d", Words{NPM: []string{"--json", "./d"}, Checked: 2, OTP: "123456", OTPGiven: true}},
		{"otp, last wins", "--otp=1|--otp=2", Words{OTP: "2", OTPGiven: true}},
		{"otp behind --", "--|--otp|123456|--tag|x", Words{NPM: []string{"--tag", "x"}, OTP: "123456", OTPGiven: true}},
		{"otp empty, as from an unset variable", "--otp=", Words{OTPGiven: true}},
		{"no otp", "--no-otp|--json", Words{NPM: []string{"--json"}, Checked: 1, OTPGiven: true}},
		{"otp=false is none", "--otp|false", Words{OTPGiven: true}},
		{"otp as a value", "--tag|otp", Words{NPM: []string{"--tag", "otp"}, Checked: 2}},
		{"a comment that zsh passes on", "--fix|bump=patch|#|1.0.3", Words{Own: []string{"--fix=bump=patch"}}},
		{"no comment behind --", "--|#", Words{NPM: []string{"#"}}},
		{"bool value", "--no-input=false", Words{Own: []string{"--no-input=false"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Split(words(tt.args), Options)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Split(%s)\n got %+v\nwant %+v", tt.args, got, tt.want)
			}
		})
	}
}

func TestSplitRefuses(t *testing.T) {
	for _, args := range []string{
		"--fix", "--fix|--json", "--fix=", "--npm|--", "--no-input=maybe", "check|--report|x", "rehearse|--wait=5m",
		"--otp", "--otp|--dry-run", "--otp=--dry-run", "--otp|-x", "--ot|--fix|bump", "--otp|--", "--no-otp|123456",
		"--otp 123456", "-otp\t123456", "--otp123456", "--otp:123456", "--dry-run=--otp=123456", "--tag=--otp=123456", "--|--otp|--dry-run",
		"-otp|123456", "--ot|123456", "-ot=123456", "--no-otp=123456", "--no-no-otp=123456", "--|-otp|123456", "--|--ot=123456",
		"--otp=--otp=123456", "--|--acces|--otp|123456|./dist",
		// Taking a word out must not let another slip into its place.
		"--tag|--otp|123456|./dist", "--tag|--fix|bump|./dist", "--access|--no-input|public", "--tag|--|beta",
	} {
		t.Run(args, func(t *testing.T) {
			w, err := Split(words(args), Options)
			var usage *UsageError
			if !errors.As(err, &usage) {
				t.Fatalf("got %+v, %v, want a *UsageError", w, err)
			}
			if strings.Contains(err.Error(), "123456") {
				t.Errorf("the message shows the OTP: %v", err)
			}
		})
	}
}

func words(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

func TestSet(t *testing.T) {
	for _, tt := range []struct{ args, key, value, want string }{
		{"", "tag", "beta", "--tag=beta"},
		{"./dist|--json", "tag", "beta", "./dist|--json|--tag=beta"},
		{"--json|--|./dist", "tag", "beta", "--json|--tag=beta|--|./dist"},
		{"--tag|next|./dist", "tag", "beta", "--tag=beta|./dist"},
		{"--json|--tag=next|./dist", "tag", "beta", "--json|--tag=beta|./dist"},
		{"-tag|next", "tag", "beta", "--tag=beta"},
		{"--tag|a|--json|--tag=b|x", "tag", "c", "--json|--tag=c|x"},
		{"--reg|http://a/|x", "registry", "http://b/", "--registry=http://b/|x"},
		{"-w|a|x", "prefix", "p", "-w|a|x|--prefix=p"},
		{"-C|old|x", "prefix", "new", "--prefix=new|x"},
		{"-w=a|x", "workspace", "b", "--workspace=b|x"},
		{"-d|x", "loglevel", "warn", "--loglevel=warn|x"},
		{"--dry-run|x", "dry-run", "false", "--dry-run=false|x"},
		{"--no-dry-run|x", "dry-run", "true", "--dry-run=true|x"},
		{"--dry-run|true|x", "dry-run", "false", "--dry-run=false|x"},
		{"--access", "tag", "beta", "--tag=beta|--access"},
		{"--browser", "tag", "beta", "--tag=beta|--browser"},
		{"--@a:registry=http://a/", "@a:registry", "http://b/", "--@a:registry=http://b/"},
		{"--message|--tag", "tag", "x", "--message|--tag=x"}, // String alone leaves the flag
		{"--access|--tag|y", "tag", "x", "--access|--tag|y|--tag=x"},
	} {
		t.Run(tt.args+" "+tt.key, func(t *testing.T) {
			args := words(tt.args)
			before := slices.Clone(args)
			got := Set(args, tt.key, tt.value)
			if !slices.Equal(got, words(tt.want)) {
				t.Errorf("Set(%q, %s, %s) = %q, want %q", args, tt.key, tt.value, got, words(tt.want))
			}
			if v, ok := Get(got, tt.key); !ok || v != tt.value {
				t.Errorf("Get = %q, %v after Set to %q", v, ok, tt.value)
			}
			if !slices.Equal(args, before) {
				t.Errorf("Set changed its argument to %q", args)
			}
		})
	}
}

func TestRemove(t *testing.T) {
	for _, tt := range []struct{ args, key, want string }{
		{"", "tag", ""},
		{"--json|--tag|a|x|-tag=b", "tag", "--json|x"},
		{"-f|-l", "force", "-l"},
		{"--no-provenance|x", "provenance", "x"},
		{"--|--tag", "tag", "--|--tag"},
	} {
		if got := Remove(words(tt.args), tt.key); !slices.Equal(got, words(tt.want)) {
			t.Errorf("Remove(%q, %s) = %q, want %q", tt.args, tt.key, got, tt.want)
		}
	}
}

func TestGet(t *testing.T) {
	for _, tt := range []struct {
		args, key, want string
		ok              bool
	}{
		{"", "tag", "", false},
		{"--tag|a|--tag=b", "tag", "b", true},
		{"--tag", "tag", "", true},
		{"--no-tag", "tag", "false", true},
		{"--no-access", "access", "null", true},
		{"--access|false", "access", "null", true},
		{"--no-no-json", "json", "true", true},
		{"--json|false|x", "json", "false", true},
		{"--no-json|false", "json", "true", true},
		{"--browser|--dry-run", "browser", "--dry-run", true},
		{"--browser|-x", "browser", "true", true},
		{"--color|always", "color", "always", true},
		{"--no-ca|--dry-run", "ca", "--dry-run", true},
		{"-ddd", "loglevel", "silly", true},
		{"--", "tag", "", false},
		{"x|--|--tag=a", "tag", "", false},
	} {
		if got, ok := Get(words(tt.args), tt.key); got != tt.want || ok != tt.ok {
			t.Errorf("Get(%q, %s) = %q, %v, want %q, %v", tt.args, tt.key, got, ok, tt.want, tt.ok)
		}
	}
}
