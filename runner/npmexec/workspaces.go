package npmexec

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/tidwall/gjson"

	"safepublish/classify/npm"
	"safepublish/runner/npmrc"
)

// Workspace is the manifest of one workspace, as far as it says how it is published.
type Workspace struct {
	Name, Version string
	Private       bool
	PublishConfig map[string]string // values as npm would read them
	Needs         []string          // the names of what it depends on when it is installed, peers included
	Folder        string            // absolute; "" where it is not plain which
	Root          bool              // it is the root that holds the others
	Word          string            // what selects it alone behind --workspace; "" where nothing does
}

// Selects reports whether npm publish with these arguments goes through workspaces, as
// the arguments, the environment or an .npmrc say.
func (n *NPM) Selects(ctx context.Context, args []string) bool {
	return len(flags(npm.Parse(args), npm.Selection)) > 0 || n.settings(ctx, args).Sets("workspaces", "workspace")
}

// Workspaces returns the workspaces that npm publish with these arguments would
// go through, in its order, as npm pkg tells them; nil where it refuses to, as it does
// for a name that is none, and up to npm 7.19, which has no npm pkg. Its error is
// ErrNotListed: what npm publish would send is not known.
func (n *NPM) Workspaces(ctx context.Context, args []string) ([]Workspace, error) {
	given := npm.Parse(args)
	words := append([]string{"pkg", "get", "name", "version", "private", "publishConfig"}, npm.Installed...)
	a := n.question(ctx, localTime, n.Dir, npmrc.Without(n.Env, "otp"), append(words, flags(given, npm.Selection)...)...)
	if !a.came || a.ok && !gjson.Valid(a.out) {
		return nil, ErrNotListed
	}
	if !a.ok {
		return nil, nil
	}
	root, _ := npmrc.Project(n.Dir, args)
	folders := foldersBelow(root)
	var all []Workspace
	gjson.Parse(a.out).ForEach(func(_, m gjson.Result) bool {
		if m.IsObject() { // else it is one package, which is no workspace
			w := workspaceIn(m)
			if found := folders[w.Name]; len(found) == 1 { // else two have the same name
				w.Folder, w.Root = found[0], found[0] == root
				w.Word = n.selecting(w, root, folders)
			}
			all = append(all, w)
		}
		return true
	})
	return all, nil
}

// ErrNotListed means that npm was asked which workspaces it would publish, and has not
// answered: it was killed, or took longer than a minute.
var ErrNotListed = errors.New("npm did not say which workspaces it would publish, so nothing was sent: try again")

// PnpmWorkspaces returns the workspaces of a pnpm monorepo, which npm does not see, that
// --workspaces or --workspace among the arguments mean, in pnpm's order; nil where they
// select none. Its error is that pnpm does not list them.
func (n *NPM) PnpmWorkspaces(ctx context.Context, args []string) ([]Workspace, error) {
	given := npm.Parse(args).Values
	if len(given["workspace"]) == 0 && !slices.Contains(given["workspaces"], "true") {
		return nil, nil
	}
	root := gjson.Get(jsonIn(n.pnpm(ctx, "ls", "--workspace-root", "--depth", "-1", "--json")), "0.path").String()
	listed := gjson.Parse(jsonIn(n.pnpm(ctx, "ls", "--recursive", "--depth", "-1", "--json")))
	if len(listed.Array()) == 0 {
		return nil, &npm.UsageError{Problem: "pnpm lists no workspaces here", Instead: "type pnpm ls --recursive --depth -1 to see why"}
	}
	withRoot, _ := npm.Get(args, "include-workspace-root")
	var all []Workspace
	listed.ForEach(func(_, m gjson.Result) bool {
		folder := m.Get("path").String()
		text, err := os.ReadFile(filepath.Join(folder, "package.json"))
		wanted := folder == root && withRoot == "true" || folder != root && n.selects(given["workspace"], root, folder, m.Get("name").String())
		if err != nil || !wanted {
			return true
		}
		w := workspaceIn(gjson.ParseBytes(text))
		w.Folder, w.Word = folder, w.Name
		all = append(all, w)
		return true
	})
	return all, nil
}

func (n *NPM) pnpm(ctx context.Context, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	out, _ := printed(ctx, n.Env, n.Dir, "pnpm", args...)
	return out
}

// foldersBelow returns the folders of every workspace of a root, and the root's own, by
// the name of the package.
func foldersBelow(root string) map[string][]string {
	folders := map[string][]string{}
	packagesBelow(root, func(dir, name, _ string) bool {
		if dir == root || npmrc.HoldsWorkspace(root, dir) {
			folders[name] = append(folders[name], dir)
		}
		return false
	})
	return folders
}

// selecting returns the word behind --workspace that means one workspace and no other:
// its name, which may also be the folder of another one, or its folder, in which another
// one may lie.
func (n *NPM) selecting(w Workspace, root string, folders map[string][]string) string {
	for _, word := range []string{w.Name, w.Folder} {
		alone := true
		for name, dirs := range folders {
			for _, dir := range dirs {
				alone = alone && (dir == w.Folder || dir == root || !n.selects([]string{word}, root, dir, name))
			}
		}
		if alone {
			return word
		}
	}
	return ""
}

func workspaceIn(m gjson.Result) Workspace {
	w := Workspace{
		Name: m.Get("name").String(), Version: m.Get("version").String(), Private: m.Get("private").Bool(),
		PublishConfig: map[string]string{},
	}
	m.Get("publishConfig").ForEach(func(key, value gjson.Result) bool {
		w.PublishConfig[key.String()] = value.String()
		return true
	})
	for _, kind := range npm.Installed {
		m.Get(kind).ForEach(func(name, _ gjson.Result) bool {
			w.Needs = append(w.Needs, name.String())
			return true
		})
	}
	return w
}

// maxFolders bounds the search for a workspace by its name.
const maxFolders = 20000

// WorkspaceFolder returns the folder of the one workspace that npm publish with these
// arguments would go to, "" where they select none or several, or where it is not
// plain which. No process is started.
func (n *NPM) WorkspaceFolder(ctx context.Context, args []string) string {
	if len(npm.Parse(args).Values["workspace"]) != 1 || n.settings(ctx, args).Sets("include-workspace-root", "workspaces") {
		return "" // before the folders are walked through: every question of a queue comes here
	}
	if found := n.WorkspaceFolders(ctx, args); len(found) == 1 {
		return found[0]
	}
	return ""
}

// WorkspaceFolders returns the folders of the workspaces that npm publish with these
// arguments would go through, nil where they select none or it is not plain which. No
// process is started.
func (n *NPM) WorkspaceFolders(ctx context.Context, args []string) []string {
	given := npm.Parse(args)
	elsewhere := []string{"workspaces", "include-workspace-root"} // an .npmrc or the environment may select too
	if len(given.Values["workspace"]) == 0 {
		elsewhere = append(elsewhere, "workspace")
	}
	all, _ := npm.Get(args, "workspaces")
	selects := len(given.Values["workspace"]) > 0 || all == "true"
	if !selects || len(given.Values["prefix"]) > 0 || n.settings(ctx, nil).Sets(elsewhere...) {
		return nil
	}
	root, _ := npmrc.Project(n.Dir, args)
	withRoot, _ := npm.Get(args, "include-workspace-root")
	return packagesBelow(root, func(dir, name, _ string) bool {
		if dir == root {
			return withRoot == "true"
		}
		return n.selects(given.Values["workspace"], root, dir, name) && npmrc.HoldsWorkspace(root, dir)
	})
}

// selects tells whether one of the values of --workspace means the workspace in dir: its
// name, its folder, or a folder that it lies in, without one between (npm 11.19.1,
// lib/utils/get-workspaces.js, which sees one path from the root and the other from here).
func (n *NPM) selects(values []string, root, dir, name string) bool {
	rel, err := filepath.Rel(n.Dir, dir)
	within := func(parent, path string) bool {
		match, _ := doublestar.Match(filepath.ToSlash(parent)+"/*", filepath.ToSlash(path))
		return match
	}
	return len(values) == 0 || err == nil && slices.ContainsFunc(values, func(value string) bool {
		path, parent := rel, ""
		if strings.HasPrefix(value, "./") {
			path = "./" + rel
		}
		if at, err := filepath.Rel(root, npmrc.Resolve(n.Dir, value)); err == nil && at != "." {
			parent = at
		}
		return value == name || npmrc.Resolve(n.Dir, value) == dir || within(parent, path) || within(value, path)
	})
}

// packagesBelow returns the folders in root, itself included, whose package.json is
// one that is wanted; nil where there are more folders than are looked at.
func packagesBelow(root string, wanted func(dir, name, version string) bool) (found []string) {
	seen := 0
	_ = filepath.WalkDir(root, func(dir string, e fs.DirEntry, err error) error {
		switch {
		case err != nil || !e.IsDir():
			return nil
		case dir != root && (e.Name() == "node_modules" || strings.HasPrefix(e.Name(), ".")):
			return fs.SkipDir
		}
		if seen++; seen > maxFolders {
			found = nil
			return fs.SkipAll
		}
		var manifest struct{ Name, Version string }
		text, err := os.ReadFile(filepath.Join(dir, "package.json"))
		if err == nil && json.Unmarshal(text, &manifest) == nil && wanted(dir, manifest.Name, manifest.Version) {
			found = append(found, dir)
		}
		return nil
	})
	return found
}

// VersionBelow returns the version of the package of that name in a folder or below
// it, as its package.json has it now; "" where there is none, or not one alone.
func VersionBelow(root, name string) string {
	versions := []string{}
	packagesBelow(root, func(_, of, version string) bool {
		if of == name {
			versions = append(versions, version)
		}
		return false
	})
	if len(versions) != 1 {
		return ""
	}
	return versions[0]
}
