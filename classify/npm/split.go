package npm

import (
	"slices"
	"strings"
	"unicode"

	"safepublish/classify/pattern"
)

// Words are the arguments of safepublish, split.
type Words struct {
	Command string   // the subcommand, or ""
	Own     []string // safepublish's options as --name=VALUE, or --name where they take none
	NPM     []string // npm's arguments, or the subcommand's, unchanged and in order, without an OTP
	Checked int      // so many of NPM stood before "--"; only NPM[:Checked] is for Check
	// OTP is the one-time password from --otp, the last one; OTPGiven is true
	// also for --no-otp and --otp="", which say that there is none.
	OTP      string
	OTPGiven bool
}

// Split tells safepublish's arguments from npm's. An own option is exactly
// --name VALUE or --name=VALUE, anywhere before the first "--"; a subcommand
// only the first argument; without own options there are no subcommands either. The first
// "--" is removed, what follows goes to npm as it is. An OTP is taken out wherever it
// stands: argv is in the process list. The error is a *UsageError.
func Split(args []string, own []Own) (Words, error) {
	args = uncommented(args)
	s := splitter{own: own, rest: args}
	if len(args) > 0 && len(own) > 0 && slices.Contains(Commands, args[0]) {
		s.words.Command, s.rest = args[0], args[1:]
	}
	for len(s.rest) > 0 {
		if err := s.step(); err != nil {
			return Words{}, err
		}
	}
	if !s.after {
		s.words.Checked = len(s.words.NPM)
	}
	return s.words, nil
}

// uncommented leaves out the comment of a command that was pasted into a shell that passes
// it on, as zsh does at its prompt.
func uncommented(args []string) []string {
	if i := slices.IndexFunc(args, func(a string) bool { return a == "#" || a == "--" }); i >= 0 && args[i] == "#" {
		return args[:i]
	}
	return args
}

type splitter struct {
	own   []Own
	rest  []string
	words Words
	after bool // the first "--" is behind us
}

func (s *splitter) step() error {
	arg := s.rest[0]
	if endOfFlags.MatchString(arg) {
		return s.end(arg)
	}
	if o := s.ownOption(arg); o != nil {
		return s.takeOwn(o, arg)
	}
	if s.words.Command != "" && !s.after && s.elsewhere(arg) {
		return &UsageError{nameOf(arg) + " does not go with " + s.words.Command, "leave it out"}
	}
	isOTP, err := otpIn(arg)
	if err != nil {
		return err
	}
	if isOTP {
		return s.takeOTP(arg)
	}
	return s.pass(arg)
}

// end handles "--": the first one is ours, any other ends npm's flags, and
// then nothing that follows is a flag to anybody.
func (s *splitter) end(arg string) error {
	s.rest = s.rest[1:]
	if !s.after && arg == "--" {
		s.words.Checked, s.after = len(s.words.NPM), true
		return nil
	}
	s.words.NPM = append(append(s.words.NPM, arg), s.rest...)
	s.rest = nil
	return nil
}

// pass hands an argument to npm, with the value that npm takes along. Where
// the value would be a word that is taken out, another word would slip into its
// place: "--tag --otp 123456 ./dist" must not publish with the tag "./dist".
func (s *splitter) pass(arg string) error {
	n := 1
	if len(s.rest) > 1 && s.wantsNext(arg) {
		if s.removes(s.rest[1]) {
			return &UsageError{nameOf(arg) + " needs a value", "type " + nameOf(arg) + "=VALUE"}
		}
		n = 2
	}
	s.words.NPM = append(s.words.NPM, s.rest[:n]...)
	s.rest = s.rest[n:]
	return nil
}

func (s *splitter) removes(arg string) bool {
	if !s.after && arg == "--" || s.ownOption(arg) != nil {
		return true
	}
	isOTP, err := otpIn(arg)
	return isOTP || err != nil
}

// ownOption returns the option that arg is, or nil.
func (s *splitter) ownOption(arg string) *Own {
	name, _, _ := strings.Cut(arg, "=")
	if s.after {
		return nil
	}
	if arg == "-h" {
		name = "--help"
	}
	for i := range s.own {
		if "--"+s.own[i].Name == name && s.own[i].in(s.words.Command) {
			return &s.own[i]
		}
	}
	return nil
}

// elsewhere tells whether arg is an option that publishing itself has, and the
// subcommand has not.
func (s *splitter) elsewhere(arg string) bool {
	return slices.ContainsFunc(s.own, func(o Own) bool { return "--"+o.Name == nameOf(arg) && o.in("") })
}

func (s *splitter) takeOwn(o *Own, arg string) error {
	_, value, hadEq := strings.Cut(arg, "=")
	flag, n := "--"+o.Name, 1
	switch {
	case o.Bool && hadEq && value != "true" && value != "false":
		return &UsageError{flag + " takes no value", "type " + flag}
	case o.Bool && hadEq:
		flag = arg
	case o.Bool:
	case hadEq && value == "",
		!hadEq && (len(s.rest) < 2 || looksLikeFlag(s.rest[1])):
		return &UsageError{flag + " needs a value", "type " + flag + " " + o.Hint}
	case hadEq:
		flag = arg
	default:
		flag, n = flag+"="+s.rest[1], 2
	}
	s.words.Own, s.rest = append(s.words.Own, flag), s.rest[n:]
	return nil
}

// takeOTP takes --otp=CODE, --otp CODE and --no-otp out. nopt lets even --no-otp swallow
// the next word, as a code.
func (s *splitter) takeOTP(arg string) error {
	it := scan([]string{arg}).items[0]
	value, n := it.value, 1
	switch {
	case it.no:
		value = ""
	case !it.hadEq && len(s.rest) > 1:
		value, n = strings.TrimSpace(s.rest[1]), 2
	}
	if it.missing && n == 1 || looksLikeFlag(value) || it.no && len(s.rest) > 1 && !looksLikeFlag(s.rest[1]) {
		return &UsageError{"--otp needs a one-time password", "type --otp=CODE, or leave it out and you are asked"}
	}
	if value == "false" || value == "null" { // to npm they mean that there is no OTP
		value = ""
	}
	s.words.OTP, s.words.OTPGiven = value, true
	s.rest = s.rest[n:]
	return nil
}

var (
	plainOTP = pattern.New(`^--(?:otp(?:=.*)?|no-otp)$`)
	// hiddenOTP matches what some npm may read as one: -otp, --ot, --no-no-otp, the same as
	// the value of another flag (--dry-run=--otp=123456), and "--otp 123456" and
	// --otp123456 in one argument, in which nobody reads it and everybody sees it.
	hiddenOTP = pattern.New(`(?i)(?:^|=)-+(?:no-)*(?:otp?(?:$|[=\s])|otp[:_-]?\d)`)
)

// otpIn tells whether arg is --otp. It refuses one that is hidden.
func otpIn(arg string) (bool, error) {
	plain := plainOTP.MatchString(arg)
	if _, value, _ := strings.Cut(arg, "="); plain && !hiddenOTP.MatchString(value) {
		return true, nil
	}
	if plain || hiddenOTP.MatchString(arg) {
		return false, &UsageError{"an --otp is hidden in another argument", "type --otp=CODE as an argument of its own"}
	}
	return false, nil
}

// wantsNext tells whether npm takes the word after arg as its value. Behind "--", where
// nobody has looked, any flag without "=" may.
func (s *splitter) wantsNext(arg string) bool {
	if !looksLikeFlag(arg) {
		return false
	}
	read := scan([]string{arg, "x"})
	last := read.items[len(read.items)-1]
	return last.took && read.valueArg(last) == 1 || s.after && !exact(arg) && !strings.Contains(arg, "=")
}

func looksLikeFlag(word string) bool { return len(word) > 1 && word[0] == '-' }

// nameOf returns the flag without its value, which may be a secret.
func nameOf(arg string) string {
	if i := strings.IndexFunc(arg, func(r rune) bool { return r == '=' || unicode.IsSpace(r) }); i >= 0 {
		return arg[:i]
	}
	return arg
}
