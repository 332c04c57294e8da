package runner

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/remedy"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// beforeUpload are the scripts that npm publish runs before it sends anything (npm
// docs, scripts): what they write is packed, and package.json is read again after
// them.
var beforeUpload = []string{"prepublish", "prepublishOnly", "prepare", "prepack", "postpack"}

// builds tells whether scripts run before the upload, so that what is packed then is
// known only afterwards.
func builds(pkg remedy.Package, args []string, major int) bool {
	if ignored, _ := npm.Get(args, "ignore-scripts", major); ignored == "true" || pkg.Kind == "tarball" {
		return false
	}
	return pkg.Kind != "folder" || slices.ContainsFunc(beforeUpload, func(s string) bool { return slices.Contains(pkg.Scripts, s) })
}

// sentAs returns the name and version that were sent: those of package.json as npm
// read it after every script that runs before the upload. before and after are the
// package as it was read before npm was started and after it had ended. The version
// is "" where nobody can say.
func sentAs(p transcript.Package, result npmexec.Result, before, after remedy.Package, built bool) remedy.Identity {
	listed := remedy.Identity{Name: cmp.Or(p.Name, before.Name), Version: cmp.Or(p.Version, before.Version)}
	if before.Kind != "folder" {
		return listed
	}
	sent := listed
	switch at := remedy.Manifest(result.Manifest); {
	case refusedAs(p, result) != (remedy.Identity{}):
		sent = refusedAs(p, result)
	case !built: // npm has corrected what package.json says: v1.0.0 is 1.0.0
	case result.Manifest != nil && (!result.Late || at == identityOf(after)):
		sent = corrected(at, before, listed)
	case before.Name != after.Name || before.Version != after.Version:
		sent.Version = ""
	default: // a script may swap package.json and put it back: npm reads it afterwards
		sent = listed
	}
	if address := transcript.PackageOf(p.Upload.URL); address != "" && address != sent.Name { // the address is what npm sent it to
		sent = remedy.Identity{Name: address}
	}
	return sent
}

var pkgid = regexp.MustCompile(`^((?:@[^@/]+/)?[^@/]+)@([0-9].*)$`)

// refusedAs returns what npm's log says that a failed upload was: its line "pkgid" is
// of the manifest that was sent (libnpmpublish, lib/publish.js: spec).
func refusedAs(p transcript.Package, result npmexec.Result) remedy.Identity {
	m := pkgid.FindStringSubmatch(result.PkgID)
	if m == nil || p.Upload.Method == "" || m[1] != transcript.PackageOf(p.Upload.URL) {
		return remedy.Identity{}
	}
	return remedy.Identity{Name: m[1], Version: m[2]}
}

func identityOf(pkg remedy.Package) remedy.Identity {
	return remedy.Identity{Name: pkg.Name, Version: pkg.Version}
}

// corrected is what npm makes of a name and version that it has printed as listed.
func corrected(sent remedy.Identity, before remedy.Package, listed remedy.Identity) remedy.Identity {
	if sent == identityOf(before) {
		return listed
	}
	return sent
}

// uploads are what an attempt has sent, for the ledger.
func uploads(c *classify.Case, folder, as, left string, began time.Time) []ledger.Upload {
	states := map[transcript.State]ledger.State{
		transcript.NotSent: ledger.NotSent, transcript.Refused: ledger.Refused, transcript.Accepted: ledger.Accepted, transcript.Open: ledger.Open,
	}
	var all []ledger.Upload
	for i, p := range c.Packages {
		u := ledger.Upload{
			Target: ledger.At(cmp.Or(p.Registry, c.Registry()), p.Name, p.Version), State: states[p.Upload.State],
			Contents: npm.Contents{Shasum: p.Shasum, Integrity: p.Integrity},
			Began:    began, Folder: folder, As: as, Left: left, Staged: c.Staged(),
		}
		if i == len(c.Packages)-1 {
			u.AlreadyThere, u.Denied = c.ToldThere(), p.Upload.Status() == http.StatusUnauthorized
			if !u.Contents.Known() && !c.Local.Built {
				u.Contents = c.Local.Repacked
			}
		}
		all = append(all, u)
	}
	return all
}
