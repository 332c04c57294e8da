package npm

import (
	"slices"
	"strings"
	"testing"
)

// seeds are what was measured to be misread, and what people type. An argument
// ends at "|".
var seeds = []string{
	"", "--tag|beta", "--fix|bump=minor|--tag|beta|--no-input", "--otp|123456|--json", "-otp=123456", "--ot|1|x",
	"check|--json|./dist", "--|--otp|1|--|--otp|2", "--tag|--otp|1|x", "--dry-run=--otp=1", "--no-otp|1",
	"--acc|public", "-fC|x|--prefix=y", "--browser|--dry-run", "---|--fix", "--=x", "-=", "-=-B|00", "-", "--no-no-otp=1",
	"--otp 1", "--message|--otp", "-d|-dd=|--reg=http://a/", "--@a:registry=b|--//h/:_authToken=c", "--x=--|--otp=1",
	"rehearse|--all|--scenario=x", "explain|--json|-", "--color|always|--omit|dev|--omit=peer", "\xff|--\xff=\xff",
}

// FuzzSplit: every argument that is neither ours nor an OTP arrives unchanged
// and in order, and no OTP is left among them.
func FuzzSplit(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, joined string) {
		args := words(joined)
		w, err := Split(args, Options)
		if err != nil {
			return
		}
		if arg, ok := anyOTP(w.NPM); ok {
			t.Errorf("some npm still finds an OTP in %q, in %q, of %q", arg, w.NPM, args)
		}
		if w.Checked < 0 || w.Checked > len(w.NPM) {
			t.Fatalf("Checked = %d of %q", w.Checked, w.NPM)
		}
		if missing, ok := subsequence(w.NPM, args); !ok {
			t.Errorf("%q is not in %q in this order; got %q", missing, args, w.NPM)
		}
		for _, arg := range removed(args, w.NPM) {
			if !ours(arg, w) {
				t.Errorf("%q was taken out of %q: %+v", arg, args, w)
			}
		}
		_ = Check(w.NPM[:w.Checked], ParseVersion("11.19.1"), func(string) bool { return false })
	})
}

// anyOTP returns the argument in which some npm would find an OTP: nopt takes off dashes
// and "no-", cuts at "=", and completes what only one key begins with.
func anyOTP(args []string) (string, bool) {
	for _, arg := range args {
		if len(arg) > 1 && strings.Trim(arg, "-") == "" {
			break
		}
		for piece := range strings.SplitSeq(arg, "=") {
			word := strings.TrimLeft(piece, "-")
			for len(word) > 2 && strings.EqualFold(word[:3], "no-") {
				word = word[3:]
			}
			if word != piece && (word == "otp" || word == "ot") {
				return arg, true
			}
		}
	}
	return "", false
}

func subsequence(part, whole []string) (string, bool) {
	for _, p := range part {
		i := slices.Index(whole, p)
		if i < 0 {
			return p, false
		}
		whole = whole[i+1:]
	}
	return "", true
}

// removed returns what whole has more than part, each as often as it is missing.
func removed(whole, part []string) []string {
	part = slices.Clone(part)
	var out []string
	for _, w := range whole {
		if i := slices.Index(part, w); i >= 0 {
			part = slices.Delete(part, i, i+1)
		} else {
			out = append(out, w)
		}
	}
	return out
}

// ours tells whether arg may be missing from npm's arguments.
func ours(arg string, w Words) bool {
	if arg == "--" || arg == w.Command || arg == "-h" {
		return true
	}
	for _, own := range w.Own {
		if flag, value, _ := strings.Cut(own, "="); arg == own || arg == flag || arg == value {
			return true
		}
	}
	return w.OTPGiven
}

// FuzzSet: after Set, npm finds the value, once, and all other arguments are there
// unchanged and in order.
func FuzzSet(f *testing.F) {
	for _, s := range seeds {
		for _, key := range []string{"tag", "access", "registry", "prefix", "loglevel"} {
			f.Add(s, key, "http://127.0.0.1/")
		}
	}
	f.Fuzz(func(t *testing.T, joined, key, value string) {
		k, known := keyOf(key)
		value = strings.TrimSpace(value)
		if !known || k.types.has("Boolean") || k.types.has("Array") || looksLikeFlag(value) || value == "null" || value == "false" {
			return // no key that Set is for, or a value that --key=value cannot say
		}
		args := words(joined)
		got := Set(args, key, value)
		if v, ok := Get(got, key); !ok || v != value {
			t.Fatalf("Set(%q, %s, %q) = %q, in which npm finds %q", args, key, value, got, v)
		}
		if n := len(Parse(got).Values[key]); n != 1 {
			t.Errorf("Set(%q, %s) = %q, which has it %d times", args, key, got, n)
		}
		rest := Remove(args, key)
		if missing, ok := subsequence(rest, got); !ok {
			t.Errorf("Set(%q, %s) = %q, without %q", args, key, got, missing)
		}
		for _, arg := range rest {
			if !slices.ContainsFunc(args, func(whole string) bool { return strings.Contains(whole, arg) }) {
				t.Errorf("Set(%q, %s) = %q, which has a new %q", args, key, got, arg)
			}
		}
	})
}
