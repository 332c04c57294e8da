package runner

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
	"safepublish/remedy/edit"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// builds tells whether scripts run before the upload, so that what is packed then is
// known only afterwards.
func builds(pkg edit.Package, args []string, version npm.Version) bool {
	if ignored, _ := npm.Get(args, "ignore-scripts"); ignored == "true" || pkg.Kind == "tarball" {
		return false
	}
	return pkg.Kind != "folder" || slices.ContainsFunc(npm.ScriptsBeforeUpload(version), func(s string) bool {
		return slices.Contains(pkg.Scripts, s)
	})
}

// packagesSent are the packages of a run, each under the name and version that were
// really sent: a script may have changed what npm has listed. The version is ""
// where nobody can say.
func (r *release) packagesSent(ctx context.Context, a attempt, ran run) []transcript.Package {
	all := slices.Clone(ran.result.Packages)
	if ran.several() {
		for i := range all {
			all[i].Version = r.workspaceVersion(ctx, ran, all[i])
		}
		return all
	}
	if len(all) == 0 { // with --json npm names nothing before it sends
		all = []transcript.Package{{}}
	}
	last := &all[len(all)-1]
	sent := sentAs(*last, ran.result, ran.before.sent, ran.after.sent, ran.built)
	if sent.Version == "" && last.Upload.State != transcript.NotSent { // the registry decides, by the bytes
		registry := last.Registry
		if registry == "" {
			registry = r.npm.Registry(ctx, sent.Name, a.Args, ran.after.sent.Config)
		}
		sent.Version = r.npm.VersionWith(ctx, registry, sent.Name, last.Contents())
	}
	last.Name, last.Version = sent.Name, sent.Version
	return all
}

// workspaceVersion is the version that one of several workspaces was sent as: where
// its package.json says another than npm has listed, a script has raised it.
func (r *release) workspaceVersion(ctx context.Context, ran run, p transcript.Package) string {
	listed := p.Name == "" || p.Upload.State == transcript.NotSent || npmexec.VersionBelow(ran.after.sent.Dir, p.Name) == p.Version
	if listed {
		return p.Version
	}
	if refused := refusedAs(p, ran.result); refused.Version != "" {
		return refused.Version
	}
	return r.npm.VersionWith(ctx, p.Registry, p.Name, p.Contents())
}

// sentAs returns the name and version that were sent: those of package.json as npm
// read it after every script that runs before the upload. before and after are the
// package as it was read before npm was started and after it had ended. The version
// is "" where nobody can say.
func sentAs(p transcript.Package, result npmexec.Result, before, after edit.Package, built bool) edit.Identity {
	listed := edit.Identity{Name: cmp.Or(p.Name, before.Name), Version: cmp.Or(p.Version, before.Version)}
	if before.Kind != "folder" {
		return listed
	}
	sent := listed
	switch at := edit.IdentityIn(result.Manifest); {
	case refusedAs(p, result) != (edit.Identity{}):
		sent = refusedAs(p, result)
	case !built: // npm has corrected what package.json says: v1.0.0 is 1.0.0
	case result.Manifest != nil && (!result.ManifestLate || at == identityOf(after)):
		if at != identityOf(before) {
			sent = at
		}
	case before.Name != after.Name || before.Version != after.Version:
		sent.Version = ""
	default: // a script may swap package.json and put it back: npm reads it afterwards
	}
	if address := transcript.PackageOf(p.Upload.URL); address != "" && address != sent.Name { // the address is what npm sent it to
		sent = edit.Identity{Name: address}
	}
	return sent
}

var pkgid = pattern.New(`^((?:@[^@/]+/)?[^@/]+)@([0-9].*)$`)

// refusedAs returns what npm's log says that a failed upload was: its line "pkgid" is
// of the manifest that was sent (libnpmpublish, lib/publish.js: spec).
func refusedAs(p transcript.Package, result npmexec.Result) edit.Identity {
	m := pkgid.FindStringSubmatch(result.PkgID)
	if m == nil || p.Upload.Method == "" || m[1] != transcript.PackageOf(p.Upload.URL) {
		return edit.Identity{}
	}
	return edit.Identity{Name: m[1], Version: m[2]}
}

func identityOf(pkg edit.Package) edit.Identity {
	return edit.Identity{Name: pkg.Name, Version: pkg.Version}
}

// uploads are what a run has sent, for the ledger.
func uploads(c *classify.Case, ran run) []ledger.Upload {
	var all []ledger.Upload
	for i, p := range c.Packages {
		u := ledger.Upload{
			Target: ledger.At(cmp.Or(p.Registry, c.Registry()), p.Name, p.Version), State: p.Upload.State,
			Contents: p.Contents(), Began: ran.began, Staged: c.Staged(),
			Folder: ran.after.sent.Dir, As: ran.before.sent.Name, Left: ran.after.sent.Version,
		}
		if i == len(c.Packages)-1 {
			u.AlreadyThere, u.Denied = c.ToldThere(), p.Upload.Status() == http.StatusUnauthorized
			u.Contents = contentsOf(c)
		}
		all = append(all, u)
	}
	return all
}

// contentsOf are the bytes of the last package of a run, as far as they are known: as npm
// says, or, where no script may have built others, as it packs again.
func contentsOf(c *classify.Case) npm.Contents {
	if contents := c.Last().Contents(); contents.Known() || c.Package.Built {
		return contents
	}
	return c.Package.Packed.Contents
}
