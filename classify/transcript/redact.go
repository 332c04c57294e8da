package transcript

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"

	"safepublish/classify/pattern"
)

// Redactor takes secrets out of lines before they are shown, kept or reported:
// values that it was told of, and everything that looks like one. A nil Redactor
// knows the looks only. It works on whole lines, after replay, for a value that
// is split across two reads would get through otherwise. Several goroutines may
// use it.
type Redactor struct {
	mu     sync.Mutex
	values []known // longest first; replaced by Add, never changed
}

// known is one form of a secret value.
type known struct {
	text string
	part func(byte) bool // where such a byte stands next to it, it is a part of something else; nil: it counts everywhere
}

// redacted stands for a secret, as npm's own redaction does. It is shorter than
// any known value, so that taking one out always comes to an end.
const redacted = "***"

// A value is taken out wherever it stands, unless it may well be a word: then
// whoever chose "publish" for a password would read "safe***: version-exists",
// and the gaps would tell what it is. Words are letters alone, up to longestWord
// bytes, and what has less than minSecret bytes; they are taken out where they
// stand alone. So is a one-time password, for six digits also occur within
// shasums. Below minWord bytes nothing is: "a" or "42" stands in every other line.
const (
	minSecret   = 6
	minWord     = 4
	longestWord = 15
)

// NewRedactor returns a Redactor that knows the values of those variables of env
// ("NAME=value", as os.Environ returns) whose names end like a secret's: TOKEN,
// PASSWORD, SECRET, KEY, OTP, _auth, in either case. Of values below six bytes
// it is not certain enough that they are secret.
func NewRedactor(env []string) *Redactor {
	r := &Redactor{}
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		// npm exports package.json to scripts: npm_package_config_key is no secret
		if secretName.MatchString(name) && !strings.HasPrefix(name, "npm_package_") && len(value) >= minSecret {
			r.Add(value)
		}
	}
	return r
}

var secretName = pattern.New(`(?i)(?:TOKEN|PASSWORD|PASSWD|SECRET|KEY|OTP|_auth)$`)

// Add makes a value known, and its forms within an address and within JSON; of a
// value of several lines, as a private key is, each line but its frame. Values
// below four bytes and those that any text holds (true, false, null) are ignored.
// On a nil Redactor it does nothing.
func (r *Redactor) Add(value string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range strings.Lines(value) {
		line = strings.TrimSpace(line)
		if len(line) >= minWord && strings.Trim(line, "*") != "" && !frame.MatchString(line) && !slices.Contains(plainWords, line) {
			r.add(line)
		}
	}
}

var frame = pattern.New(`^-----(?:BEGIN|END) [A-Z ]+-----$`)

var plainWords = []string{"true", "false", "null", "undefined"}

func (r *Redactor) add(value string) {
	values := slices.Clone(r.values)
	for _, form := range forms(value) {
		if !slices.ContainsFunc(values, func(k known) bool { return k.text == form }) {
			values = append(values, known{form, partOf(form)})
		}
	}
	slices.SortStableFunc(values, func(a, b known) int { return len(b.text) - len(a.text) })
	r.values = values
}

// forms are the ways in which a value is written: as it is, percent-encoded as Go
// and JavaScript do it, in capitals or not, and as JSON.
func forms(value string) []string {
	query := url.QueryEscape(value)
	component := strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(query)
	all := []string{value, url.PathEscape(value), query, component}
	for _, escaped := range all[1:] {
		all = append(all, percent.ReplaceAllStringFunc(escaped, strings.ToLower))
	}
	var inJSON strings.Builder
	enc := json.NewEncoder(&inJSON)
	enc.SetEscapeHTML(false)
	if enc.Encode(value) == nil {
		quoted := strings.TrimSpace(inJSON.String())
		all = append(all, quoted[1:len(quoted)-1])
	}
	return all
}

var percent = pattern.New(`%[0-9A-F]{2}`)

var (
	oneTime = pattern.New(`^\d{6,8}$`)
	letters = pattern.New(`^[A-Za-z]+$`)
)

func partOf(value string) func(byte) bool {
	switch {
	case oneTime.MatchString(value):
		return func(b byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", b) >= 0 }
	case len(value) < minSecret, len(value) <= longestWord && letters.MatchString(value):
		return func(b byte) bool {
			return b == '-' || b == '_' || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z'
		}
	}
	return nil
}

// Line returns the line s without secrets. Doing it again changes nothing.
func (r *Redactor) Line(s string) string {
	values := r.known()
	for range 8 { // one pass may bring together what the next one sees; two are the rule
		before := s
		for _, v := range values {
			s = v.redact(s)
		}
		low := lowerASCII(s)
		for _, sh := range shapes {
			if hinted(low, sh.has) && strings.Contains(s, sh.and) {
				s = sh.redact(s)
			}
		}
		if s == before {
			break
		}
	}
	return s
}

func (r *Redactor) known() []known {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.values
}

func (k known) redact(s string) string {
	if k.part != nil {
		return k.alone(s)
	}
	for strings.Contains(s, k.text) { // what remains on both sides may make up the value again
		s = strings.ReplaceAll(s, k.text, redacted)
	}
	return s
}

func (k known) alone(s string) string {
	var b strings.Builder
	end := 0
	for i := 0; ; i++ {
		next := strings.Index(s[i:], k.text)
		if next < 0 {
			break
		}
		if i += next; !k.within(s, i, i+len(k.text)) {
			b.WriteString(s[end:i] + redacted)
			end = i + len(k.text)
			i = end - 1
		}
	}
	return b.String() + s[end:]
}

func (k known) within(s string, from, to int) bool {
	return from > 0 && k.part(s[from-1]) || to < len(s) && k.part(s[to])
}

// shape is the look of a secret. The first group of find stays, the second goes,
// unless keep matches it. Each such text holds one of the words of has, in lower case,
// and what and says, which are much faster to look for than the shape: most lines of a
// log have none.
type shape struct {
	has  []string
	and  string
	find *pattern.Pattern
	keep *pattern.Pattern
}

// placeholder matches what stands where a secret would, and is none: ${NPM_TOKEN},
// <code>, …, VALUE, CODE, the next flag, a word that goes on with a sentence of ours ("pass
// --otp at the end"), and what has been redacted already.
var placeholder = pattern.New(`^(?:\$|<|-|…|VALUE$|CODE$|(?:at|by|from|in|is|on|or|to|with)$|\*\*\*$)`)

const value = `([^\s"'` + "`" + `,;&]+)`

var shapes = []shape{
	{has: []string{"npm_", "npms_"}, find: pattern.New(`(npms?_)([A-Za-z0-9]{36,})`)},
	{has: []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_"}, find: pattern.New(`(gh[pousr]_)([A-Za-z0-9]{20,})`)},
	{has: []string{"github_pat_"}, find: pattern.New(`(github_pat_)([A-Za-z0-9_]{20,})`)},
	{has: []string{"glpat-"}, find: pattern.New(`(glpat-)([A-Za-z0-9_-]{16,})`)},
	{has: []string{"eyj"}, find: pattern.New(`()(eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?)`)},
	// a whole address for a second factor, in npm's JSON
	{has: []string{"authurl", "doneurl"}, find: pattern.New(`("(?:authUrl|doneUrl)"\s*:\s*")([^"]+)`)},
	// user and password in an address, or a token as the user
	{
		has: []string{"://"}, and: "@",
		find: pattern.New(`([A-Za-z][A-Za-z0-9+.-]*://)([^/\s"'<>]+)@`),
		keep: pattern.New(`^(?:\*\*\*|git)$`),
	},
	// .npmrc keys, environment and query: //host/:_authToken=x, NPM_TOKEN=x, ?authId=x, "otp": "x"
	{
		has: []string{"_auth", "token", "passw", "secret", "_key", "apikey", "otp", "authid"},
		find: pattern.New(`(?i)((?:_auth|[a-z0-9_]*(?:authtoken|_password|token|password|passwd|secret|_key|apikey|_otp)|\botp|authid)` +
			`(?:["']?\s*=\s*["']?|["']\s*:\s*["']))` + value),
		keep: placeholder,
	},
	// argv: --otp 123456, --otp=123456, "--otp" "123456"
	{has: []string{"-otp"}, find: pattern.New(`(?i)((?:^|[^\w-])--?otp["']?[=,\s]+["']?)` + value), keep: placeholder},
	// argv as npm logs it, key and value apart: "--//host/:_authToken" "x"
	{has: []string{"_auth", "_password"}, find: pattern.New(`(?i)(_(?:auth|authToken|password)"\s+")([^"]+)`)},
	// npm 6 logs its arguments one a line
	{has: []string{"verbose"}, find: pattern.New(`(verbose cli +')(\d{6,8}|[0-9A-Fa-f]{64})'`)},
	{
		has:  []string{"bearer", "basic"},
		find: pattern.New(`(?i)(\b(?:Bearer|Basic)\s+)` + value),
		keep: pattern.New(`(?i)^(?:\*\*\*$|realm=|error|scope|service|charset|tokens?\b|auth|credentials|scheme|access\b|realm\b)`),
	},
	// the answer to a question
	{
		has:  []string{"otp", "one-time", "pass"},
		find: pattern.New(`(?i)(\b(?:OTP|one-time (?:password|code)|password|passphrase|passcode)(?: [^:.="]{0,11})?:\s*)(\S.*)$`),
		keep: pattern.New(`^(?:\*\*\*|["']+$|[A-Za-z][\w-]* (?:ERR!|error)(?: |$))`),
	},
	// identifiers that let their holder finish a login
	{has: []string{"/auth/cli/"}, find: pattern.New(`(/auth/cli/)([^\s"'<>/?]+)`)},
	{has: []string{"/login/"}, find: pattern.New(`(/login/(?:cli/)?)([0-9A-Za-z_-]{16,})`)},
	// registries that take a key in the path: Gemfury's proxy, MyGet
	{has: []string{"fury.io/"}, find: pattern.New(`(//[^/\s]*\bfury\.io/)([0-9A-Za-z_-]{16,})`)},
	{has: []string{"myget.org/"}, find: pattern.New(`(//[^/\s]*\bmyget\.org/\S*?/auth/)([^/\s]+)`)},
}

// hinted tells whether a line may hold a shape with these words: that its lower-case
// form holds one. Of a line that is not ASCII nothing is said, for a regular expression
// folds letters there that are no pair (the long s, the sign of the kelvin).
func hinted(low string, words []string) bool {
	return low == "" || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(low, w) })
}

func lowerASCII(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return ""
		}
	}
	return strings.ToLower(s)
}

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
var npmSays = pattern.New(`npm (?:ERR!|error)(?: |$)`)

// Lines is Line for a text of several lines.
func (r *Redactor) Lines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = r.Line(line)
	}
	return strings.Join(lines, "\n")
}
