package main

import "context"

// announceMetrics tells the API server that metrics.k8s.io is answered by our
// metrics-server. The Service is of the kind that names a host, since no pod runs it.
func (l *Lab) announceMetrics(ctx context.Context) error {
	client, err := l.client()
	if err != nil {
		return err
	}
	service := object{
		"apiVersion": "v1", "kind": "Service", "metadata": object{"name": "metrics-server", "namespace": "kube-system"},
		"spec": object{"type": "ExternalName", "externalName": "localhost", "ports": []object{{"name": "https", "port": l.Ports.Metrics}}},
	}
	if err := apply(ctx, client, "/api/v1/namespaces/kube-system/services/metrics-server", service); err != nil {
		return err
	}
	return apply(ctx, client, "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io", object{
		"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": object{"name": "v1beta1.metrics.k8s.io"},
		"spec": object{
			"group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
			"insecureSkipTLSVerify": true,
			"service":               object{"namespace": "kube-system", "name": "metrics-server", "port": l.Ports.Metrics},
		},
	})
}
