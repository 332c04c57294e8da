package preflight

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// contents: what would be published, and what should not be in it.
func contents(f *Facts) []Finding {
	c := f.Contents
	switch {
	case f.Unusable != "" || f.Name == "" || f.Version == "": // said already
		return nil
	case strings.HasPrefix(c.Problem, "Invalid auth configuration"): // see login
		return nil
	case c.Problem != "":
		return one(Finding{Topic: "contents", Mark: Wall, Cause: "manifest-invalid", Text: "npm cannot pack this: " + c.Problem})
	case !c.Known:
		return nil
	}
	text := fmt.Sprintf("%s, %s packed, %s unpacked", count(len(c.Files), "file"), bytesIn(c.Size), bytesIn(c.Unpacked))
	if runsBefore := f.Before(); len(runsBefore) > 0 {
		text += "; " + strings.Join(runsBefore, ", ") + " may add to it"
	}
	all := one(Finding{Topic: "contents", Mark: OK, Text: text})
	for _, file := range c.Files {
		if file.Secret == "" {
			continue
		}
		w := Finding{Topic: "contents", Mark: Wall, Text: fmt.Sprintf("%s would be published, and seems to hold %s; files in package.json says what is packed", file.Path, file.Secret)}
		if sample.MatchString(file.Path) {
			w.Mark, w.Text = Warning, fmt.Sprintf("%s seems to hold %s, perhaps for a test", file.Path, file.Secret)
		}
		all = append(all, w)
	}
	return all
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

var (
	sample         = regexp.MustCompile(`(?i)(?:^|[/._-])(?:tests?|__tests__|specs?|fixtures?|examples?|samples?|mocks?|demos?|docs?)(?:[/._-]|$)`)
	dotEnv         = regexp.MustCompile(`(?i)^\.env(?:\.[\w.-]+)?$`)
	noEnv          = regexp.MustCompile(`(?i)\.(?:example|sample|template|dist|defaults?|schema|tpl|d\.ts)$`)
	keyFile        = regexp.MustCompile(`(?i)^id_(?:rsa|dsa|ecdsa|ed25519)$|\.(?:pem|key|p8|ppk|asc|gpg)$`)
	store          = regexp.MustCompile(`(?i)\.(?:p12|pfx|jks|keystore|kdbx)$`)
	logins         = regexp.MustCompile(`(?i)^\.?(?:npmrc|yarnrc|yarnrc\.yml|netrc|pypirc|git-credentials)$`)
	serviceAccount = regexp.MustCompile(`(?i)(?:service|account|credential|firebase|adminsdk|gcp|google|secret|key).*\.json$`)

	filledIn   = regexp.MustCompile(`(?mi)^[ \t]*(?:export[ \t]+)?[\w.]*(?:KEY|TOKEN|SECRET|PASS(?:WORD|WD)?|PWD|CREDENTIALS?|PRIVATE|AUTH|DSN|DATABASE_URL)[\w.]*[ \t]*=[ \t]*["']?[^\s"'$<#]{6,}`)
	privateKey = regexp.MustCompile(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File`)
	credential = regexp.MustCompile(`(?m)(?:_authToken|_auth|_password|npmAuthToken|npmAuthIdent)[ \t]*[=:][ \t]*["']?[^\s"'$]{6,}|^\s*machine\s+\S+|^https?://[^\s:@]+:[^\s@]+@|^\[(?:pypi|distutils)`)
	google     = regexp.MustCompile(`"private_key"\s*:\s*"-----BEGIN`)
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
	case privateKey.Match(head):
		if google.Match(head) {
			return "the key of a service account"
		}
		return "a private key"
	case google.Match(head):
		return "the key of a service account"
	case store.MatchString(base):
		return "a key store"
	case logins.MatchString(base) && credential.Match(head):
		return "a login"
	case dotEnv.MatchString(base) && filledIn.Match(head):
		return "secrets of an environment"
	}
	return ""
}
