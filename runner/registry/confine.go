package registry

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// leading lists the npm settings that would lead out of the sandbox: to another
// registry, with other credentials, into the person's own folders.
var leading = []string{
	"registry", "replace-registry-host", "proxy", "https-proxy", "http-proxy", "noproxy", "no-proxy", "local-address",
	"userconfig", "globalconfig", "prefix", "cache", "global", "location", "node-options", "git",
	"cafile", "ca", "cert", "key", "certfile", "keyfile", "username", "password", "email",
}

func leads(key string) bool {
	return slices.Contains(leading, key) || strings.ContainsAny(key[:min(1, len(key))], "_@/")
}

// checkArgs refuses arguments of npm publish that lead out of the copy in dir, or that
// some npm may take for ones that do.
func checkArgs(args []string, dir string, withScripts bool) error {
	parsed := npm.Parse(args)
	if len(parsed.Unknown) > 0 {
		return &npm.UsageError{Problem: "rehearse: " + parsed.Unknown[0] + " is refused: no npm has just that option"}
	}
	for _, key := range keys(parsed.Values) {
		if leads(key) {
			return &npm.UsageError{Problem: "rehearse: --" + key + " is refused: a rehearsal has its own registry, login, cache and configuration"}
		}
	}
	if !withScripts && slices.Contains(parsed.Values["ignore-scripts"], "false") {
		return &npm.UsageError{Problem: "rehearse: scripts run with --with-scripts, and not without"}
	}
	for _, spec := range parsed.Specs {
		if !folderOf(dir, spec) {
			return &npm.UsageError{
				Problem: "rehearse: " + spec + " is not a folder of this package",
				Instead: "go to the folder that you would publish, and rehearse there",
			}
		}
	}
	return nil
}

// folderOf tells whether a word is a folder of the copy. Nothing else can be
// rehearsed: a tarball carries a publishConfig that cannot be replaced, and a name
// or a URL would be fetched.
func folderOf(dir, word string) bool {
	if !filepath.IsLocal(filepath.Clean(word)) {
		return false
	}
	info, err := os.Lstat(filepath.Join(dir, word))
	return err == nil && info.IsDir()
}

// dropped are the variables that npm does not get in a sandbox: npm's own
// configuration and what an outer npm run exported, whatever looks like a secret,
// the identity that a CI lends (npm would trade it for a token:
// npm-publish, lib/utils/oidc.js), ways to load code into node, the person's own
// folders, and proxies.
var dropped = pattern.New(`(?i)^(npm_.*|node_options|init_cwd|pwd|oldpwd|home|userprofile|appdata|localappdata|` +
	`.*(token|secret|passw|credential|api_?key|_auth|private_?key|access_?key|_otp).*|` +
	`(actions|github|gitlab|circle|ci|runner|buildkite|sigstore|xdg|git)_.*|gitlab.*|circleci|(http|https|all|no|ftp)_proxy|proxy)$`)

// versionManagers are variables by which a node version manager finds its own
// installation. Without them it looks under HOME, which is another one in a
// sandbox, and the npm on PATH would not start.
var versionManagers = map[string]string{
	"ASDF_DATA_DIR": ".asdf", "FNM_DIR": ".local/share/fnm", "MISE_DATA_DIR": ".local/share/mise",
	"NODENV_ROOT": ".nodenv", "NVM_DIR": ".nvm", "VOLTA_HOME": ".volta",
}

// environ returns the environment for npm in the sandbox, made from env.
func (s *Sandbox) environ(env []string, withScripts bool) []string {
	kept, has, oldHome := []string{}, map[string]bool{}, ""
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		if name == "HOME" || strings.EqualFold(name, "USERPROFILE") {
			oldHome = value
		}
		if !dropped.MatchString(name) {
			kept, has[name] = append(kept, entry), true
		}
	}
	for name, folder := range versionManagers {
		path := filepath.Join(oldHome, filepath.FromSlash(folder))
		if _, err := os.Stat(path); err == nil && oldHome != "" && !has[name] {
			kept = append(kept, name+"="+path)
		}
	}
	if !withScripts {
		kept = append(kept, "npm_config_ignore_scripts=true")
	}
	return append(kept, s.settings()...)
}

// settings are the variables that shut the sandbox. The delays between npm's own
// attempts are cut from 10 and 60 seconds to less than one.
func (s *Sandbox) settings() []string {
	home, url := filepath.Join(s.root, "home"), s.Registry.URL()
	list := []string{
		"PWD=" + s.Dir, "HOME=" + home, "USERPROFILE=" + home,
		"APPDATA=" + filepath.Join(home, "appdata"), "LOCALAPPDATA=" + filepath.Join(home, "appdata"),
		"NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1", "npm_config_noproxy=127.0.0.1",
		"npm_config_proxy=" + url, "npm_config_https_proxy=" + url,
		"npm_config_registry=" + url,
		"npm_config_userconfig=" + s.userconfig(),
		"npm_config_globalconfig=" + filepath.Join(s.root, "globalrc"),
		"npm_config_cache=" + filepath.Join(s.root, "cache"),
		"npm_config_prefix=" + filepath.Join(s.root, "prefix"),
		"npm_config_update_notifier=false", "npm_config_browser=false",
		"npm_config_fetch_retry_mintimeout=200", "npm_config_fetch_retry_maxtimeout=500", "npm_config_fetch_retry_factor=2",
		"GIT_ALLOW_PROTOCOL=file", // npm would clone a git spec, and git asks no npm proxy
	}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		list = append(list, name+"="+url)
	}
	return list
}
