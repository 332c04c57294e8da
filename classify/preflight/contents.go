package preflight

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// contents: what would be published, and what should not be in it.
func contents(c *classify.Case) []Finding {
	const topic = "contents"
	packed := c.Package.Packed
	switch {
	case c.Package.Problem != "" || c.Name() == "" || c.Version() == "": // said already
		return nil
	case strings.HasPrefix(packed.Problem, "Invalid auth configuration"): // see login
		return nil
	case packed.Problem != "":
		return cannotPack(packed.Problem)
	case !packed.Listed:
		return nil
	}
	text := fmt.Sprintf("%s, %s packed, %s unpacked", count(len(packed.Files), "file"), bytesIn(packed.Size), bytesIn(packed.Unpacked))
	if before := madeBy(c); len(before) > 0 {
		text += "; " + strings.Join(before, ", ") + " may add to it"
		if missing := findAbsent(c).missing; len(missing) > 0 {
			text += ", because package.json names files that do not exist yet: " + places(missing)
		}
	}
	all := slices.Concat(ok(topic, text), entryPoints(c), commands(c))
	for _, file := range packed.Files {
		switch {
		case file.Secret == "":
		case sample.MatchString(file.Path):
			all = append(all, warning(topic, "", fmt.Sprintf("%s seems to contain %s, perhaps for a test", file.Path, file.Secret))...)
		default:
			all = append(all, wall(topic, "", fmt.Sprintf(
				"%s would be published, and seems to contain %s; files in package.json says what is packed", file.Path, file.Secret))...)
		}
	}
	return all
}

// cannotPack says why npm refuses to pack: by the words of a cause, else by npm's own.
func cannotPack(said string) []Finding {
	refused := &classify.Case{Transcript: transcript.Transcript{Failed: true, Exit: 1}}
	for line := range strings.Lines(said) {
		refused.Message = append(refused.Message, transcript.Line{From: "npm pack", Level: "error", Text: strings.TrimSpace(line)})
	}
	if d, failed := classify.Diagnose(refused); failed && !d.Cause.End {
		return wall("contents", d.Cause.ID, d.Title())
	}
	first, _, _ := strings.Cut(said, "\n")
	return wall("contents", "manifest-invalid", "npm cannot pack this: "+first)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// bytesIn says a size as npm does: 1 kB is 1000 B.
func bytesIn(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1000_000)
}

// The names of files that hold secrets, and of those that only seem to.
var (
	sample = pattern.New(
		`(?i)(?:^|[/._-])(?:tests?|__tests__|specs?|fixtures?|examples?|samples?|mocks?|demos?|docs?)(?:[/._-]|$)`)
	dotEnv         = pattern.New(`(?i)^\.env(?:\.[\w.-]+)?$`)
	noEnv          = pattern.New(`(?i)\.(?:example|sample|template|dist|defaults?|schema|tpl|d\.ts)$`)
	keyFile        = pattern.New(`(?i)^id_(?:rsa|dsa|ecdsa|ed25519)$|\.(?:pem|key|p8|ppk|asc|gpg)$`)
	store          = pattern.New(`(?i)\.(?:p12|pfx|jks|keystore|kdbx)$`)
	logins         = pattern.New(`(?i)^\.?(?:npmrc|yarnrc|yarnrc\.yml|netrc|pypirc|git-credentials)$`)
	serviceAccount = pattern.New(`(?i)(?:service|account|credential|firebase|adminsdk|gcp|google|secret|key).*\.json$`)
)

// What stands in such a file.
var (
	filledIn = pattern.New(`(?mi)^[ \t]*(?:export[ \t]+)?[\w.]*(?:KEY|TOKEN|SECRET|PASS(?:WORD|WD)?|PWD|CREDENTIALS?|PRIVATE|AUTH` +
		`|DSN|DATABASE_URL)[\w.]*[ \t]*=[ \t]*["']?[^\s"'$<#]{6,}`)
	privateKey = pattern.New(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File`)
	credential = pattern.New(`(?m)(?:_authToken|_auth|_password|npmAuthToken|npmAuthIdent)[ \t]*[=:][ \t]*["']?[^\s"'$]{6,}` +
		`|^\s*machine\s+\S+|^https?://[^\s:@]+:[^\s@]+@|^\[(?:pypi|distutils)`)
	google = pattern.New(`"private_key"\s*:\s*"-----BEGIN`)
)

// Suspect reports whether a file must be looked into for a secret, by its name
// alone: few are.
func Suspect(name string) bool {
	base := path.Base(name)
	return dotEnv.MatchString(base) && !noEnv.MatchString(base) || keyFile.MatchString(base) || store.MatchString(base) ||
		logins.MatchString(base) || serviceAccount.MatchString(base)
}

// Smells says what secret a suspect file seems to hold, by its first bytes; ""
// for none. A certificate is public, an .env without a value is a template, and
// nothing of what was read is in the answer.
func Smells(name string, head []byte) string {
	base := path.Base(name)
	switch {
	case !Suspect(name):
		return ""
	case google.Match(head):
		return "the key of a service account"
	case privateKey.Match(head):
		return "a private key"
	case store.MatchString(base):
		return "a key store"
	case logins.MatchString(base) && credential.Match(head):
		return "a login"
	case dotEnv.MatchString(base) && filledIn.Match(head):
		return "secrets of an environment"
	}
	return ""
}
