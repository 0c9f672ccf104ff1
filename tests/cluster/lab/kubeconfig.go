package main

import (
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
	api "k8s.io/client-go/tools/clientcmd/api"
)

// The kubeconfigs of a lab. Each is a way in, or a way to fail, that people meet.
const (
	adminConf     = "admin.conf"     // client certificate, as file paths relative to the file itself; may do everything
	viewerConf    = "viewer.conf"    // client certificate, as data; may only read pods of viewer-ns
	tokenConf     = "token.conf"     // service account token; may read everything
	execConf      = "exec.conf"      // the same token, from an exec credential plugin
	expiredConf   = "expired.conf"   // client certificate that has expired: 401
	badTokenConf  = "badtoken.conf"  // a token that the server does not know: 401
	untrustedConf = "untrusted.conf" // expects the server to be certified by another authority
	tlsNameConf   = "tlsname.conf"   // admin through "localhost", for which only tls-server-name makes the certificate valid
	insecureConf  = "insecure.conf"  // admin with insecure-skip-tls-verify
	contextsConf  = "contexts.conf"  // all of the above as contexts of one file, and "down", where nobody listens
)

// way is one context: how the server is reached, and as whom.
type way struct {
	name    string
	cluster *api.Cluster
	user    *api.AuthInfo
}

func (w way) addTo(config *api.Config) {
	config.Clusters[w.name] = w.cluster
	config.AuthInfos[w.name] = w.user
	config.Contexts[w.name] = &api.Context{Cluster: w.name, AuthInfo: w.name}
}

// writeKubeconfigs writes all of them; the token is that of kube-system/kw-token.
func (l *Lab) writeKubeconfigs(c *credentials, token string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	trusted := &api.Cluster{Server: l.server(), CertificateAuthorityData: c.ca.pem}
	inline := func(c *certificate) *api.AuthInfo {
		return &api.AuthInfo{ClientCertificateData: c.cert, ClientKeyData: c.key}
	}
	plugin := &api.ExecConfig{
		APIVersion:      "client.authentication.k8s.io/v1",
		Command:         self,
		Args:            []string{"credential", "--dir", l.Dir},
		InstallHint:     "tests/cluster/build.sh builds it",
		InteractiveMode: api.NeverExecInteractiveMode,
	}
	files := map[string]way{
		viewerConf:    {"viewer", trusted, inline(c.viewer)},
		tokenConf:     {"token", trusted, &api.AuthInfo{Token: token}},
		execConf:      {"exec", trusted, &api.AuthInfo{Exec: plugin}},
		expiredConf:   {"expired", trusted, inline(c.expired)},
		badTokenConf:  {"badtoken", trusted, &api.AuthInfo{Token: "this.token.is-unknown"}},
		untrustedConf: {"untrusted", &api.Cluster{Server: l.server(), CertificateAuthorityData: c.otherCA.pem}, inline(c.admin)},
		tlsNameConf: {"tlsname", &api.Cluster{
			Server:                   fmt.Sprintf("https://localhost:%d", l.Ports.API),
			TLSServerName:            serverName,
			CertificateAuthorityData: c.ca.pem,
		}, inline(c.admin)},
		insecureConf: {"insecure", &api.Cluster{Server: l.server(), InsecureSkipTLSVerify: true}, inline(c.admin)},
	}
	all := api.NewConfig()
	l.adminWay().addTo(all)
	for file, w := range files {
		w.addTo(all)
		config := api.NewConfig()
		w.addTo(config)
		config.CurrentContext = w.name
		if err := clientcmd.WriteToFile(*config, l.path(file)); err != nil {
			return err
		}
	}
	way{"down", &api.Cluster{Server: "https://127.0.0.1:1"}, &api.AuthInfo{Token: "any"}}.addTo(all)
	all.CurrentContext = "lab"
	return clientcmd.WriteToFile(*all, l.path(contextsConf))
}

// writeAdminKubeconfig comes before the others: the components themselves use it.
func (l *Lab) writeAdminKubeconfig() error {
	config := api.NewConfig()
	l.adminWay().addTo(config)
	config.CurrentContext = "lab"
	return clientcmd.WriteToFile(*config, l.path(adminConf))
}

func (l *Lab) adminWay() way {
	return way{"lab",
		&api.Cluster{Server: l.server(), CertificateAuthority: filepath.Join("pki", "ca.crt")},
		&api.AuthInfo{ClientCertificate: filepath.Join("pki", "admin.crt"), ClientKey: filepath.Join("pki", "admin.key")},
	}
}
