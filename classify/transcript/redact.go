package transcript

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Redactor takes secrets out of lines before they are shown, kept or reported:
// values that it was told of, and everything that looks like one. A nil Redactor
// knows the looks only. It works on whole lines, after replay, for a value that
// is split across two reads would get through otherwise.
type Redactor struct {
	values []string // longest first
}

// redacted stands for a secret, as npm's own redaction does. It is shorter than
// any known value, so that taking one out always comes to an end.
const redacted = "***"

// minSecret is the length, in bytes, below which a value is no secret but a word:
// to take "true" or "1" out everywhere would leave nothing to read.
const minSecret = 6

// NewRedactor returns a Redactor that knows the values of those variables of env
// ("NAME=value", as os.Environ returns) whose names end like a secret's: TOKEN,
// PASSWORD, SECRET, KEY, OTP, _auth, in either case.
func NewRedactor(env []string) *Redactor {
	r := &Redactor{}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		// npm exports package.json to scripts: npm_package_config_key is no secret
		if secretName.MatchString(name) && !strings.HasPrefix(name, "npm_package_") {
			r.Add(value)
		}
	}
	return r
}

var secretName = regexp.MustCompile(`(?i)(?:TOKEN|PASSWORD|PASSWD|SECRET|KEY|OTP|_auth)$`)

// Add makes a value known, and its form within an address; of a value of several
// lines, as a private key is, each line. Values shorter than six bytes are
// ignored. On a nil Redactor it does nothing.
func (r *Redactor) Add(value string) {
	if r == nil {
		return
	}
	for line := range strings.Lines(value) {
		r.add(strings.TrimSpace(line))
	}
}

func (r *Redactor) add(value string) {
	if len(value) < minSecret || strings.Trim(value, "*") == "" {
		return
	}
	for _, v := range []string{value, url.PathEscape(value), url.QueryEscape(value)} {
		if !slices.Contains(r.values, v) {
			r.values = append(r.values, v)
		}
	}
	slices.SortStableFunc(r.values, func(a, b string) int { return len(b) - len(a) })
}

// Line returns the line s without secrets. Doing it again changes nothing.
func (r *Redactor) Line(s string) string {
	for range 8 { // one pass may bring together what the next one sees; two are the rule
		before := s
		if r != nil {
			s = r.known(s)
		}
		low := lower(s)
		for i, sh := range shapes {
			if low.may(ofShapes[i]) {
				s = sh.redact(s)
			}
		}
		if s == before {
			break
		}
	}
	return s
}

func (r *Redactor) known(s string) string {
	for _, v := range r.values {
		if code.MatchString(v) {
			s = alone(s, v)
			continue
		}
		for strings.Contains(s, v) { // what remains on both sides may make up the value again
			s = strings.ReplaceAll(s, v, redacted)
		}
	}
	return s
}

// code is what a short one-time password looks like. Six digits also occur
// within shasums, so they count only where they stand alone.
var code = regexp.MustCompile(`^\d{6,8}$`)

func alone(s, v string) string {
	var b strings.Builder
	end := 0
	for i := 0; ; i++ {
		next := strings.Index(s[i:], v)
		if next < 0 {
			break
		}
		if i += next; !within(s, i, i+len(v)) {
			b.WriteString(s[end:i] + redacted)
			end = i + len(v)
		}
	}
	return b.String() + s[end:]
}

func within(s string, from, to int) bool {
	hex := func(i int) bool {
		return i >= 0 && i < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[i]) >= 0
	}
	return hex(from-1) || hex(to)
}

// shape is the look of a secret. The first group of find stays, the second goes,
// unless keep matches it.
type shape struct {
	find *regexp.Regexp
	keep *regexp.Regexp
}

// placeholder matches what stands where a secret would, and is none: ${NPM_TOKEN},
// <code>, the next flag, and what has been redacted already.
var placeholder = regexp.MustCompile(`^(?:\$|<|-|\*\*\*$)`)

const value = `([^\s"'` + "`" + `,;&]+)`

var shapes = []shape{
	{find: regexp.MustCompile(`(npms?_)([A-Za-z0-9]{36,})`)},
	{find: regexp.MustCompile(`(gh[pousr]_)([A-Za-z0-9]{20,})`)},
	{find: regexp.MustCompile(`(github_pat_)([A-Za-z0-9_]{20,})`)},
	{find: regexp.MustCompile(`(glpat-)([A-Za-z0-9_-]{16,})`)},
	{find: regexp.MustCompile(`()(eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?)`)},
	// a whole address for a second factor, in npm's JSON
	{find: regexp.MustCompile(`("(?:authUrl|doneUrl)"\s*:\s*")([^"]+)`)},
	// user and password in an address, or a token as the user
	{
		find: regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)([^/\s"'<>]+)@`),
		keep: regexp.MustCompile(`^(?:\*\*\*|git)$`),
	},
	// .npmrc keys, environment and query: //host/:_authToken=x, NPM_TOKEN=x, ?authId=x, "otp": "x"
	{
		find: regexp.MustCompile(`(?i)((?:_auth|[a-z0-9_]*(?:authtoken|_password|token|password|passwd|secret|_key|apikey|_otp)|\botp|authid)(?:["']?\s*=\s*["']?|["']\s*:\s*["']))` + value),
		keep: placeholder,
	},
	// argv: --otp 123456, --otp=123456, "--otp" "123456"
	{find: regexp.MustCompile(`(?i)((?:^|[^\w-])--?otp["']?[=,\s]+["']?)` + value), keep: placeholder},
	// argv as npm logs it, key and value apart: "--//host/:_authToken" "x"
	{find: regexp.MustCompile(`(?i)(_(?:auth|authToken|password)"\s+")([^"]+)`)},
	// npm 6 logs its arguments one a line
	{find: regexp.MustCompile(`(verbose cli +')(\d{6,8}|[0-9A-Fa-f]{64})'`)},
	{
		find: regexp.MustCompile(`(?i)(\b(?:Bearer|Basic)\s+)` + value),
		keep: regexp.MustCompile(`(?i)^(?:\*\*\*$|realm=|error|scope|service|charset|tokens?\b|auth|credentials|scheme|access\b|realm\b)`),
	},
	// the answer to a question
	{
		find: regexp.MustCompile(`(?i)(\b(?:OTP|one-time (?:password|code)|password|passphrase|passcode)(?: [^:.="]{0,11})?:\s*)(\S.*)$`),
		keep: regexp.MustCompile(`^(?:\*\*\*|["']+$|[A-Za-z][\w-]* (?:ERR!|error)(?: |$))`),
	},
	// identifiers that let their holder finish a login
	{find: regexp.MustCompile(`(/auth/cli/)([^\s"'<>/?]+)`)},
	{find: regexp.MustCompile(`(/login/(?:cli/)?)([0-9A-Za-z_-]{16,})`)},
	// registries that take a key in the path: Gemfury's proxy, MyGet
	{find: regexp.MustCompile(`(://[^/\s]*\bfury\.io/)([0-9A-Za-z_-]{16,})`)},
	{find: regexp.MustCompile(`(://[^/\s]*\bmyget\.org/\S*?/auth/)([^/\s]+)`)},
}

// ofShapes are the words without which each of the shapes is not there. What one
// shape takes out makes no such word.
var ofShapes = func() (all [][][]string) {
	for _, sh := range shapes {
		all = append(all, required(sh.find))
	}
	return all
}()

func (sh shape) redact(s string) string {
	var b strings.Builder
	end := 0
	for _, m := range sh.find.FindAllStringSubmatchIndex(s, -1) {
		secret := s[m[4]:m[5]]
		if secret == redacted || sh.keep != nil && sh.keep.MatchString(secret) {
			continue
		}
		b.WriteString(s[end:m[4]])
		b.WriteString(redacted)
		end = m[5]
		if said := npmSays.FindStringIndex(secret); said != nil { // "Enter OTP: 12npm ERR! canceled"
			b.WriteString(" " + secret[said[0]:])
		}
	}
	if end == 0 {
		return s
	}
	b.WriteString(s[end:])
	return b.String()
}

// npmSays matches where npm goes on behind an answer on the same line.
var npmSays = regexp.MustCompile(`npm (?:ERR!|error)(?: |$)`)

// Lines is Line for a text of several lines.
func (r *Redactor) Lines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = r.Line(line)
	}
	return strings.Join(lines, "\n")
}
