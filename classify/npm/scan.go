package npm

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// token is a word as nopt sees it: "--tag=next" is two of them, "-fd" three.
type token struct {
	text string
	arg  int // the argument it came from
}

// item is one flag with its value, or one positional word.
type item struct {
	key      string // as npm calls it; "" for a positional word
	known    bool   // in npm's table
	at, end  int    // the tokens it takes up
	value    string // what npm understands: "true", "false", "null" or a text
	took     bool   // the value is a word of its own, tokens[end-1]
	hadEq    bool   // written --key=value
	no       bool   // written --no-key
	missing  bool   // npm wanted a value and found none
	typed    string // the flag as npm expanded it, without dashes and "no-"
	expanded bool   // a shorthand or a cluster was expanded
}

type scanned struct {
	tokens []token
	items  []item
	stop   int // the token that ended the flags, len(tokens) where none did
}

var (
	endOfFlags  = regexp.MustCompile(`^-{2,}$`)
	looksShort  = regexp.MustCompile(`^-[^-]`)
	looksLong   = regexp.MustCompile(`^-{2,}[^-]`)
	looksAnyway = regexp.MustCompile(`^-{1,2}[^-]+`)
)

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// scan reads args as nopt 4 to 9 does (nopt-lib.js, parse).
func (t *table) scan(args []string) *scanned {
	s := &scanned{}
	for i, arg := range args {
		s.tokens = append(s.tokens, token{arg, i})
	}
	expanded := -1 // tokens before this one came out of a shorthand
	for i := 0; i < len(s.tokens); {
		text := s.tokens[i].text
		if endOfFlags.MatchString(text) {
			s.stop = i
			s.positional(i + 1)
			return s
		}
		if len(text) < 2 || text[0] != '-' {
			s.items = append(s.items, item{at: i, end: i + 1, value: text})
			i++
			continue
		}
		hadEq := s.splitAt(i)
		word := strings.TrimLeft(s.tokens[i].text, "-")
		if words, ok := t.expand(word); ok {
			s.replace(i, words)
			expanded = max(expanded, i+len(words))
			continue
		}
		it := t.flag(s, i, word, hadEq)
		it.expanded = i < expanded
		s.items = append(s.items, it)
		i = it.end
	}
	s.stop = len(s.tokens)
	return s
}

func (s *scanned) positional(from int) {
	for i := from; i < len(s.tokens); i++ {
		s.items = append(s.items, item{at: i, end: i + 1, value: s.tokens[i].text})
	}
}

// splitAt makes two tokens of "--key=value" and tells whether it did.
func (s *scanned) splitAt(i int) bool {
	tok := s.tokens[i]
	key, value, ok := strings.Cut(tok.text, "=")
	if ok {
		s.tokens[i].text = key
		s.tokens = slices.Insert(s.tokens, i+1, token{value, tok.arg})
	}
	return ok
}

func (s *scanned) replace(i int, words []string) {
	tokens := make([]token, len(words))
	for n, w := range words {
		tokens[n] = token{w, s.tokens[i].arg}
	}
	s.tokens = slices.Replace(s.tokens, i, i+1, tokens...)
}

// next returns the token after i, which nopt calls la.
func (s *scanned) next(i int) (string, bool) {
	if i+1 < len(s.tokens) {
		return s.tokens[i+1].text, true
	}
	return "", false
}

// flag reads the flag at token i: its name, and whether the next token is its value.
func (t *table) flag(s *scanned, i int, word string, hadEq bool) item {
	it := item{at: i, end: i + 1, hadEq: hadEq}
	negated := false
	for len(word) >= 3 && strings.EqualFold(word[:3], "no-") {
		it.no, negated = true, !negated
		word = word[3:]
	}
	it.typed, it.key = word, word
	if full, ok := t.full[word]; ok {
		it.key = full
	}
	ty, known := t.keys[it.key]
	it.known = known
	la, there := s.next(i)
	if it.no || ty.has("Boolean") || !known && !hadEq || la == "false" && ty.has("null") {
		it.boolean(ty, !negated, la, there)
	} else {
		it.wantsValue(ty, la, there)
	}
	return it
}

func (it *item) take(value string) { it.value, it.took, it.end = value, true, it.at+2 }

// boolean takes "true" and "false" from the next word, and from a key with
// other types too whatever fits: --browser and --no-otp swallow even "--dry-run".
func (it *item) boolean(ty types, value bool, la string, there bool) {
	it.value = strconv.FormatBool(value)
	switch {
	case !there:
	case la == "true" || la == "false":
		it.take(strconv.FormatBool((la == "true") == value))
	case !ty.list() || la == "" || ty == nil:
	case ty.constant(la), la == "null" && ty.has("null"),
		!looksLong.MatchString(la) && isNumber(la) && ty.has("Number"),
		!looksShort.MatchString(la) && ty.has("String"):
		it.take(strings.TrimSpace(la))
	}
	if it.value == "false" && ty.has("null") && !ty.has("Boolean") && !ty.has("false") {
		it.value = "null" // nopt-lib.js, clean: --no-key sets null where null is allowed
	}
}

// wantsValue takes the next word, whatever it is, but for a key of type String
// alone, which leaves a flag where it is and becomes empty.
func (it *item) wantsValue(ty types, la string, there bool) {
	onlyString := len(ty) == 1 && ty[0] == "String"
	switch {
	case endOfFlags.MatchString(la), !there && !onlyString:
		it.missing, it.value = true, "true"
	case !there, onlyString && looksAnyway.MatchString(la):
		it.missing = true
	default:
		it.take(strings.TrimSpace(la))
	}
}
