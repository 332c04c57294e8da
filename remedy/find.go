package remedy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kballard/go-shellquote"

	"safepublish/remedy/ledger"
)

// fixes are the remedies that --fix may name, and what each wants after "=".
// login and private are for a person at the menu, the rest is advice.
var fixes = map[string]string{
	"bump": "", "tag": "NAME", "otp": "", "access": "PACKAGE", "rename": "@SCOPE/NAME", "retry": "", "stage": "",
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
	var of []Offer
	for _, o := range offers {
		if o.ID == id {
			of = append(of, o)
		}
	}
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

// NamesNumber tells whether a --fix names the very version that the offer publishes:
// bump=1.0.1.
func (o Offer) NamesNumber(fix string) bool {
	id, value, _ := strings.Cut(fix, "=")
	return id == "bump" && value != "" && value == o.Value
}

// CheckFix reports in one line what is wrong with a --fix ID[=VALUE] whatever the
// failure: an ID that no --fix may name, a value that is missing.
func CheckFix(fix string) error {
	id, value, _ := strings.Cut(fix, "=")
	want, ok := fixes[id]
	switch {
	case (id == "login" || id == "private") && !ok:
		return fmt.Errorf("--fix %s is not possible: a person chooses it in the menu", id)
	case !ok:
		return fmt.Errorf("--fix %s is not known: there are bump, tag, otp, access, rename, retry and stage", id)
	case want != "" && value == "":
		return fmt.Errorf("--fix %s needs a value: --fix %[1]s=%s", id, want)
	case value != "" && (id == "otp" || id == "retry" || id == "stage"):
		return fmt.Errorf("--fix %s takes no value", id) // which may be a one-time password, so it is not repeated
	}
	return nil
}

// pick finds the offer of that value, or fills it into the one with a hole.
func pick(offers []Offer, value string) (Offer, error) {
	i := slices.IndexFunc(offers, func(o Offer) bool {
		return o.Safety >= Ask && (value == "" || o.Hole == nil && (o.Value == value || slices.Contains(o.Words, value)))
	})
	if i >= 0 {
		return offers[i], nil
	}
	last := offers[len(offers)-1]
	if word := steps[value].inc != nil; last.Hole != nil && !last.Hole.Secret && !word {
		return last.Hole.Fill(value)
	}
	if last.Safety == Never || value == "" || offers[0].Value == value {
		return offers[0], nil
	}
	return Offer{}, fmt.Errorf("here it can only be %s", values(offers))
}

func values(offers []Offer) string {
	var all []string
	for _, o := range offers {
		for _, v := range append(slices.Clone(o.Words), o.Value) {
			if v != "" && !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
	}
	return strings.Join(all, ", ")
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

// Fix returns the offer as --fix takes it: "bump=patch". Those that no --fix may
// name have their ID.
func (o Offer) Fix() string {
	if v := o.word(); v != "" && o.Hole == nil {
		return o.ID + "=" + v
	}
	return o.ID
}

// word is what names the offer after the "=", "" for nothing.
func (o Offer) word() string {
	if len(o.Words) > 0 {
		return o.Words[0]
	}
	return o.Value
}

// Names returns every --fix that names the offer: "bump=1.0.1", "bump=patch".
func (o Offer) Names() []string {
	var all []string
	for _, v := range append([]string{o.Value}, o.Words...) {
		if v != "" {
			all = append(all, o.ID+"="+v)
		}
	}
	return all
}

// Command returns the safepublish command that would apply the offer to a publish
// with these arguments of npm, quoted for a shell, without secrets. It returns ""
// where no --fix can name it.
func (o Offer) Command(args []string) string {
	if _, ok := fixes[o.ID]; !ok || o.Safety < Ask {
		return ""
	}
	value := o.word()
	switch {
	case o.Hole != nil && !o.Hole.Secret, fixes[o.ID] != "" && value == "":
		return ""
	case value != "":
		return commandLine(o.ID+"="+value, args)
	}
	return commandLine(o.ID, args)
}

// Runs returns the command that the offer runs, quoted for a shell; "" where it
// runs none.
func (o Offer) Runs() string {
	for _, c := range o.Plan.Changes {
		if c, ok := c.(Command); ok {
			return shellquote.Join(c.Argv...)
		}
	}
	return ""
}

// Command returns the safepublish command that would apply the remedy, whatever
// its plan for this failure is: "" where a value or a person is needed.
func (r Remedy) Command(args []string) string {
	if want, ok := fixes[r.ID]; !ok || want != "" || r.Safety < Ask {
		return ""
	}
	return commandLine(r.ID, args)
}

// commandLine writes safepublish with that --fix, if any.
func commandLine(fix string, args []string) string {
	words := "safepublish "
	if fix != "" {
		words += "--fix " + shellquote.Join(fix) + " "
	}
	return strings.TrimSpace(words + quoted(args))
}

// credential matches arguments that carry a secret after their "=".
var credential = regexp.MustCompile(`(?i)^(-+(?:.*:)?_?(?:auth|authToken|password|otp|key|cert))=`)

// userinfo matches the name and the password in an address.
var userinfo = regexp.MustCompile(`//[^/@\s]+@`)

// quoted writes arguments for a shell, with REDACTED for what is secret in them.
func quoted(args []string) string { return shellquote.Join(Redacted(args)...) }

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
