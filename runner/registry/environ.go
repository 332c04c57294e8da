package registry

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// dropped are the variables that npm does not get in a sandbox: npm's own
// configuration and what an outer npm run exported, whatever looks like a secret,
// the identity that a CI lends (npm would trade it for a token:
// npm-publish, lib/utils/oidc.js), ways to load code into node, and proxies.
var dropped = regexp.MustCompile(`(?i)^(npm_.*|node_options|init_cwd|pwd|oldpwd|.*(token|secret|passw|credential|api_?key|_auth|private_?key|access_?key|_otp).*|` +
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
	var kept []string
	home := ""
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		switch {
		case name == "HOME" || strings.EqualFold(name, "USERPROFILE"):
			home = value
		case !dropped.MatchString(name) && !isHome(name):
			kept = append(kept, entry)
		}
	}
	kept = append(kept, managers(kept, home)...)
	return append(kept, s.settings(withScripts)...)
}

func isHome(name string) bool {
	return strings.EqualFold(name, "APPDATA") || strings.EqualFold(name, "LOCALAPPDATA")
}

func managers(env []string, home string) []string {
	var add []string
	for name, folder := range versionManagers {
		path := filepath.Join(home, filepath.FromSlash(folder))
		if _, err := os.Stat(path); err == nil && home != "" && !has(env, name) {
			add = append(add, name+"="+path)
		}
	}
	return add
}

func has(env []string, name string) bool {
	for _, entry := range env {
		if strings.HasPrefix(entry, name+"=") {
			return true
		}
	}
	return false
}

// settings are the variables that shut the sandbox. The delays between npm's own
// attempts are cut from 10 and 60 seconds to less than one.
func (s *Sandbox) settings(withScripts bool) []string {
	home, url := filepath.Join(s.root, "home"), s.Registry.URL()
	list := []string{
		"PWD=" + s.Dir, "HOME=" + home, "USERPROFILE=" + home, "APPDATA=" + filepath.Join(home, "appdata"), "LOCALAPPDATA=" + filepath.Join(home, "appdata"),
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
	if !withScripts {
		list = append(list, "npm_config_ignore_scripts=true")
	}
	return list
}
