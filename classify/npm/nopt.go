package npm

import (
	"slices"
	"strconv"
	"strings"

	"safepublish/classify/pattern"
)

// token is a word as nopt sees it: "--tag=next" is two of them, "-d" two as well.
type token struct {
	text string
	arg  int // the argument that it came from
}

// item is one flag with its value, or one positional word.
type item struct {
	positional bool
	key        string // as npm calls it
	known      bool   // to some npm
	at, end    int    // the tokens that it takes up
	value      string // what npm understands: "true", "false", "null" or a text
	took       bool   // the value is a word of its own, tokens[end-1]
	hadEq      bool   // written --key=value
	no         bool   // written --no-key
	missing    bool   // npm wanted a value and found none
}

var keyWithEquals = pattern.New(`^(@[^/:]+:registry|//.+:[A-Za-z_]+)$`)

// addressed tells whether it is --@scope:registry=… or --//host/:…=…: keys that no table
// has, and that npm knows by their form.
func (it *item) addressed() bool { return it.hadEq && !it.no && keyWithEquals.MatchString(it.key) }

type scanned struct {
	args   []string
	tokens []token
	items  []*item
	stop   int // the token that ended the flags, len(tokens) where none did
}

var (
	endOfFlags  = pattern.New(`^-{2,}$`)
	looksShort  = pattern.New(`^-[^-]`)
	looksLong   = pattern.New(`^-{2,}[^-]`)
	looksAnyway = pattern.New(`^-{1,2}[^-]+`)
)

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// scan reads args as nopt 4 to 9 does (nopt-lib.js, parse), less the abbreviations and
// the single letters written together.
func scan(args []string) *scanned {
	s := &scanned{args: args}
	for i, arg := range args {
		s.tokens = append(s.tokens, token{arg, i})
	}
	for i := 0; i < len(s.tokens); {
		text := s.tokens[i].text
		if endOfFlags.MatchString(text) {
			s.stop = i
			for i++; i < len(s.tokens); i++ {
				s.items = append(s.items, &item{positional: true, at: i, end: i + 1, value: s.tokens[i].text})
			}
			return s
		}
		if len(text) < 2 || text[0] != '-' {
			s.items = append(s.items, &item{positional: true, at: i, end: i + 1, value: text})
			i++
			continue
		}
		hadEq := s.splitAt(i)
		word := strings.TrimLeft(s.tokens[i].text, "-")
		if short, ok := shorthand(word); ok || word == "" { // nopt makes nothing of "-="
			s.replace(i, short.stands)
			continue
		}
		it := s.flag(i, word, hadEq)
		s.items = append(s.items, it)
		i = it.end
	}
	s.stop = len(s.tokens)
	return s
}

// splitAt makes two tokens of "--key=value" and tells whether it did.
func (s *scanned) splitAt(i int) bool {
	tok := s.tokens[i]
	name, value, ok := strings.Cut(tok.text, "=")
	if ok {
		s.tokens[i].text = name
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

// flag reads the flag at token i: its name, and whether the next token is its value.
func (s *scanned) flag(i int, word string, hadEq bool) *item {
	it := &item{at: i, end: i + 1, hadEq: hadEq}
	negated := false
	for len(word) >= 3 && strings.EqualFold(word[:3], "no-") {
		it.no, negated = true, !negated
		word = word[3:]
	}
	it.key = word
	k, known := keyOf(word)
	it.known = known
	next, there := "", i+1 < len(s.tokens)
	if there {
		next = s.tokens[i+1].text
	}
	if it.no || k.types.has("Boolean") || !known && !hadEq || next == "false" && k.types.has("null") {
		it.boolean(k.types, known, !negated, next, there)
	} else {
		it.wantsValue(k.types, next, there)
	}
	return it
}

func (it *item) take(value string) { it.value, it.took, it.end = value, true, it.at+2 }

// boolean takes "true" and "false" from the next word, and from a key with other types
// too whatever fits: --browser and --no-otp swallow even "--dry-run".
//
//nolint:cyclop // nopt's own cases in nopt's own order
func (it *item) boolean(ty types, known, value bool, next string, there bool) {
	it.value = strconv.FormatBool(value)
	switch {
	case !there:
	case next == "true" || next == "false":
		it.take(strconv.FormatBool((next == "true") == value))
	case len(ty) == 1 || next == "" || !known:
	case ty.constant(next), next == "null" && ty.has("null"),
		!looksLong.MatchString(next) && isNumber(next) && ty.has("Number"),
		!looksShort.MatchString(next) && ty.has("String"):
		it.take(strings.TrimSpace(next))
	}
	if it.value == "false" && ty.has("null") && !ty.has("Boolean") && !ty.has("false") {
		it.value = "null" // nopt-lib.js, clean: --no-key sets null where null is allowed
	}
}

// wantsValue takes the next word, whatever it is, but for a key of type String alone,
// which leaves a flag where it is and becomes empty.
func (it *item) wantsValue(ty types, next string, there bool) {
	onlyString := len(ty) == 1 && ty[0] == "String"
	switch {
	case endOfFlags.MatchString(next), !there && !onlyString:
		it.missing, it.value = true, "true"
	case !there, onlyString && looksAnyway.MatchString(next):
		it.missing = true
	default:
		it.take(strings.TrimSpace(next))
	}
}

// written returns a flag as it was typed, without its value.
func (s *scanned) written(it *item) string { return nameOf(s.args[s.tokens[it.at].arg]) }

func (s *scanned) valueArg(it *item) int { return s.tokens[it.end-1].arg }

// sameArg tells whether the flag's value is written in the same argument.
func (s *scanned) sameArg(it *item) bool { return s.valueArg(it) == s.tokens[it.at].arg }
