package remedy

import (
	"fmt"
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/remedy/edit"
	"safepublish/remedy/ledger"
)

// fixable are the remedies that --fix may name.
func fixable() []Remedy {
	return slices.DeleteFunc(Remedies(), func(r Remedy) bool { return r.Usage == "" })
}

// Usages returns what --fix takes, a remedy each, for help: "tag=NAME".
func Usages() []string {
	var all []string
	for _, r := range fixable() {
		all = append(all, r.Usage)
	}
	return all
}

// Words returns the words after --fix, for completion: "tag=", "bump", "bump=patch".
func Words() []string {
	var all []string
	for _, r := range fixable() {
		want, optional := r.value()
		if want != "" && !optional {
			all = append(all, r.ID+"=")
			continue
		}
		all = append(all, r.ID)
		for _, word := range strings.Split(want, "|") {
			if word != strings.ToUpper(word) { // not X.Y.Z, which stands for others
				all = append(all, r.ID+"="+word)
			}
		}
	}
	return all
}

// value returns what stands in the usage for the value after "=", "" where there is
// none, and whether it may be left out.
func (r Remedy) value() (want string, optional bool) {
	_, want, _ = strings.Cut(r.Usage, "=")
	return strings.CutSuffix(want, "]")
}

// row returns the remedy with that ID, the zero value for none.
func row(id string) Remedy {
	for _, r := range Remedies() {
		if r.ID == id {
			return r
		}
	}
	return Remedy{}
}

// CheckFix reports in one line what is wrong with a --fix ID[=VALUE] whatever the
// failure: an ID that no --fix may name, a value that is missing, or that nothing can take.
func CheckFix(fix string) error {
	id, value, _ := strings.Cut(fix, "=")
	r := row(id)
	want, optional := r.value()
	switch {
	case r.Usage == "" && r.Safety == NeedsUser:
		return fmt.Errorf("--fix %s is not possible: a person chooses it in the menu", id)
	case r.Usage == "":
		var known []string
		for _, r := range fixable() {
			known = append(known, r.ID)
		}
		return fmt.Errorf("--fix %s does not exist: use %s", id, strings.Join(known, ", "))
	case want != "" && !optional && value == "":
		return fmt.Errorf("--fix %s needs a value: --fix %s", id, r.Usage)
	case want == "" && value != "":
		return fmt.Errorf("--fix %s takes no value", id) // which may be a one-time password, so it is not repeated
	case value != "" && r.Check != nil:
		if err := r.Check(value); err != nil {
			return fmt.Errorf("--fix %s: %w", fix, err)
		}
	}
	return nil
}

// ForEach refuses a --fix whose value can be meant for one package alone, a name or a
// number, where several are published.
func ForEach(fixes []string, packages int) error {
	for _, fix := range fixes {
		id, value, _ := strings.Cut(fix, "=")
		_, step := steps[value]
		if packages > 1 && value != "" && (id == renamePackage.ID || id == bumpVersion.ID && !step) {
			return &npm.UsageError{
				Problem: fmt.Sprintf("--fix %s is for one package, and %d are published", fix, packages),
				Instead: "name the package that it is for with -w NAME",
			}
		}
	}
	return nil
}

// Opens refuses an --access among npm's arguments that would make public what its own
// package.json keeps from the public, where it is given to several packages at once.
func Opens(pkg edit.Package, args []string, packages int) error {
	kept := pkg.Config["access"]
	given, _ := npm.Get(args, "access")
	if packages < 2 || given != "public" || kept == "" || kept == "public" {
		return nil
	}
	return &npm.UsageError{
		Problem: fmt.Sprintf("--access public would open %s, whose publishConfig says access=%s", pkg.Name, kept),
		Instead: "leave --access out, or publish that one with -w " + pkg.Name,
	}
}

// Find returns the offer that a --fix ID[=VALUE] names, such as "bump=minor" or
// "tag=beta"; "bump" alone is the first step offered. The value of access and
// rename names the package that becomes public: that is the answer to their
// question, so the offer returned has none. The error says in one line why the
// fix does not apply.
func Find(offers []Offer, fix string) (Offer, error) {
	if err := CheckFix(fix); err != nil {
		return Offer{}, err
	}
	id, value, _ := strings.Cut(fix, "=")
	of := slices.DeleteFunc(slices.Clone(offers), func(o Offer) bool { return o.ID != id })
	if len(of) == 0 {
		return Offer{}, fmt.Errorf("--fix %s does not apply to this failure", fix)
	}
	o, err := pick(of, value)
	switch {
	case err != nil:
		return Offer{}, fmt.Errorf("--fix %s does not apply: %w", fix, err)
	case o.Safety == Never:
		return Offer{}, fmt.Errorf("--fix %s does not apply: %s", fix, o.Title)
	case o.Safety < Ask, o.needs == ledger.Person, o.needs == ledger.Number && !o.NamesNumber(fix):
		return Offer{}, fmt.Errorf("--fix %s does not apply: %s", fix, needsPerson(o))
	}
	o.Confirm = nil
	return o, nil
}

// pick finds the offer of that value, or fills it into the one that takes any.
func pick(offers []Offer, value string) (Offer, error) {
	for _, o := range offers {
		if o.Safety >= Ask && (value == "" || o.Input == nil && slices.Contains(o.values(), value)) {
			return o, nil
		}
	}
	last := offers[len(offers)-1]
	if _, step := steps[value]; last.Input != nil && !last.Input.Secret && !step {
		return last.Input.Complete(value)
	}
	if last.Safety == Never || value == "" || offers[0].Value == value {
		return offers[0], nil
	}
	return Offer{}, fmt.Errorf("use %s", choices(offers))
}

// choices names what --fix takes here and what comes of it: "bump=patch (1.0.1), bump=minor
// (1.1.0)".
func choices(offers []Offer) string {
	var all []string
	for _, o := range offers {
		if o.Safety < Ask || len(o.values()) == 0 {
			continue
		}
		one := o.ID + "=" + o.values()[0]
		if o.Value != "" && o.Value != o.values()[0] {
			one += " (" + o.Value + ")"
		}
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return strings.Join(all, ", ")
}

// values are the words that name the offer after the "=", the plainest first.
func (o Offer) values() []string {
	if o.Value == "" {
		return o.Words
	}
	return append(slices.Clone(o.Words), o.Value)
}

func needsPerson(o Offer) string {
	why := "a person must choose it in the menu"
	if o.Confirm != nil {
		why += ": " + o.Confirm.Question
	} else if len(o.Lines) > 0 {
		why += ": " + o.Lines[len(o.Lines)-1]
	}
	return why
}

// NamesNumber tells whether a --fix names the very version that the offer publishes:
// bump=1.0.1.
func (o Offer) NamesNumber(fix string) bool {
	return o.Value != "" && fix == "bump="+o.Value
}

// Fix returns the offer as --fix takes it: "bump=patch". Those that no --fix may
// name have their ID.
func (o Offer) Fix() string {
	if values := o.values(); len(values) > 0 && o.Input == nil {
		return o.ID + "=" + values[0]
	}
	return o.ID
}

// Names returns every --fix that names the offer, the exact one first: "bump=1.0.1",
// "bump=patch".
func (o Offer) Names() []string {
	var all []string
	for _, v := range slices.Backward(o.values()) {
		all = append(all, o.ID+"="+v)
	}
	return all
}

// Command returns the safepublish command that would apply the offer to a publish
// with these arguments of npm, quoted for a shell, without secrets; used are the --fix
// that come before it. It returns "" where no --fix can name it.
func (o Offer) Command(shell npm.Shell, used, args []string) string {
	typed := o.Input != nil && !o.Input.Secret
	if o.Safety < Ask || typed || CheckFix(o.Fix()) != nil {
		return ""
	}
	return Typed(shell, slices.Concat(used, []string{o.Fix()}), args)
}

// Shown returns a command of the offer with what comes of it, where the command does not
// say that itself: "safepublish --fix bump=patch    # 1.0.1".
func (o Offer) Shown(command string) string {
	if command == "" || o.Value == "" || strings.Contains(command, o.Value) {
		return command
	}
	return command + "    # " + o.Value
}

// Runs returns the command that the offer runs, quoted for a shell; "" where it
// runs none.
func (o Offer) Runs(shell npm.Shell) string {
	for _, c := range o.Plan {
		if c, ok := c.(Command); ok {
			return shell.Quote(c.Argv...)
		}
	}
	return ""
}

// Typed writes safepublish with these --fix and these arguments of npm, quoted for a
// shell, without secrets.
func Typed(shell npm.Shell, fixes, args []string) string {
	words := "safepublish "
	for _, fix := range fixes {
		words += "--fix " + shell.Quote(fix) + " "
	}
	return strings.TrimSpace(words + shell.Quote(Redacted(args)...))
}

// credential matches arguments that carry a secret after their "=".
var credential = pattern.New(`(?i)^(-+(?:.*:)?_?(?:auth|authToken|password|otp|key|cert))=`)

// userinfo matches the name and the password in an address.
var userinfo = pattern.New(`//[^/@\s]+@`)

// Redacted returns npm's arguments with REDACTED for what is secret in them.
func Redacted(args []string) []string {
	safe := []string{}
	for i, a := range args {
		if i > 0 && !strings.Contains(args[i-1], "=") && credential.MatchString(args[i-1]+"=") { // --_auth VALUE
			a = "REDACTED"
		}
		if m := credential.FindStringSubmatch(a); m != nil {
			a = m[1] + "=REDACTED"
		}
		safe = append(safe, userinfo.ReplaceAllString(a, "//REDACTED@"))
	}
	return safe
}
