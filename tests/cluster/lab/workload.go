package main

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
)

// Names of what every namespace or pod of a load has.
const (
	appContainer, proxyContainer = "app", "proxy"
	settingsName                 = "settings"
)

// app is one workload: the pods of one application in one namespace.
type app struct {
	namespace, name string
	replicas        int32
}

// labels of the app's objects; its pods have more.
func (a app) labels() map[string]string {
	return map[string]string{"app.kubernetes.io/name": a.name, "team": a.namespace}
}

func (a app) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: a.namespace, Name: a.name, Labels: a.labels()}
}

// stamp writes into a pod, or the template of one, what differs from app to app.
// All else is the same for all, so a pod of one app becomes another's by this.
func (a app) stamp(meta *metav1.ObjectMeta, spec *corev1.PodSpec) {
	for key, value := range a.labels() {
		meta.Labels[key] = value
	}
	containers := spec.Containers
	containers[0].Image = a.image()
	containers[0].Env[0].Value = a.name
	containers[0].Env[1].Value = fmt.Sprintf("postgres://db.%s.svc.cluster.local:5432/%s?sslmode=verify-full", a.namespace, a.name)
}

func (a app) image() string {
	return fmt.Sprintf("registry.example.com/%s/%s:1.%d.%d", a.namespace, a.name, len(a.name), len(a.namespace))
}

// template is a pod as people have them: two containers, probes, resources,
// settings from several places. With status and managedFields it is 9 kB of JSON.
func (a app) template() corev1.PodTemplateSpec {
	probe := func(path string, seconds int32) *corev1.Probe {
		return &corev1.Probe{
			ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("http")}},
			PeriodSeconds: seconds, TimeoutSeconds: 2,
		}
	}
	field := func(name, path string) corev1.EnvVar {
		return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: path}}}
	}
	t := corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{
			Labels: map[string]string{"version": "v1", "tier": "backend"},
			Annotations: map[string]string{
				"prometheus.io/scrape":                    "true",
				"prometheus.io/port":                      "9090",
				"kubectl.kubernetes.io/default-container": appContainer,
			},
		},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{{
				Name:  appContainer,
				Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}, {Name: "metrics", ContainerPort: 9090}},
				Env: []corev1.EnvVar{
					{Name: "APP_NAME"}, {Name: "DATABASE_URL"}, // both are set by stamp
					{Name: "LOG_LEVEL", Value: "info"},
					{Name: "HTTP_READ_TIMEOUT", Value: "15s"},
					field("POD_NAME", "metadata.name"), field("POD_IP", "status.podIP"), field("NODE_NAME", "spec.nodeName"),
				},
				EnvFrom: []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{
					LocalObjectReference: corev1.LocalObjectReference{Name: settingsName}}}},
				Resources:      resources("100m", "128Mi", "500m", "512Mi"),
				ReadinessProbe: probe("/healthz", 5), LivenessProbe: probe("/livez", 10),
				VolumeMounts: []corev1.VolumeMount{{Name: "cache", MountPath: "/var/cache/app"}, {Name: settingsName, MountPath: "/etc/app", ReadOnly: true}},
			}, {
				Name:         proxyContainer,
				Image:        "registry.example.com/mesh/proxy:2.1",
				Args:         []string{"--admin-port=15000", "--drain=20s"},
				Ports:        []corev1.ContainerPort{{Name: "proxy", ContainerPort: 15001}},
				Resources:    resources("10m", "32Mi", "100m", "64Mi"),
				VolumeMounts: []corev1.VolumeMount{{Name: "cache", MountPath: "/var/cache/app"}},
			}},
			Volumes: []corev1.Volume{
				{Name: "cache", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
				{Name: settingsName, VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
					LocalObjectReference: corev1.LocalObjectReference{Name: settingsName}}}},
			},
		},
	}
	a.stamp(&t.ObjectMeta, &t.Spec)
	return t
}

func resources(cpu, memory, cpuLimit, memoryLimit string) corev1.ResourceRequirements {
	list := func(cpu, memory string) corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
	}
	return corev1.ResourceRequirements{Requests: list(cpu, memory), Limits: list(cpuLimit, memoryLimit)}
}

func (a app) deployment() *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: a.meta(),
		Spec: appsv1.DeploymentSpec{
			Replicas: &a.replicas,
			Selector: &metav1.LabelSelector{MatchLabels: a.labels()},
			Template: a.template(),
		},
	}
}

func (a app) service() *corev1.Service {
	return &corev1.Service{
		ObjectMeta: a.meta(),
		Spec: corev1.ServiceSpec{
			Selector: a.labels(),
			Ports:    []corev1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromString("http")}},
		},
	}
}

func (a app) budget() *policyv1.PodDisruptionBudget {
	return &policyv1.PodDisruptionBudget{
		ObjectMeta: a.meta(),
		Spec: policyv1.PodDisruptionBudgetSpec{
			MaxUnavailable: ptr.To(intstr.FromInt32(1)),
			Selector:       &metav1.LabelSelector{MatchLabels: a.labels()},
		},
	}
}

func (a app) statefulSet() *appsv1.StatefulSet {
	return &appsv1.StatefulSet{
		ObjectMeta: a.meta(),
		Spec: appsv1.StatefulSetSpec{
			Replicas:            &a.replicas,
			ServiceName:         a.name,
			PodManagementPolicy: appsv1.ParallelPodManagement,
			Selector:            &metav1.LabelSelector{MatchLabels: a.labels()},
			Template:            a.template(),
		},
	}
}

// daemonSet runs on the workers only: the gallery's odd nodes are none.
func (a app) daemonSet() *appsv1.DaemonSet {
	template := a.template()
	template.Spec.NodeSelector = map[string]string{workerLabel: ""}
	return &appsv1.DaemonSet{
		ObjectMeta: a.meta(),
		Spec:       appsv1.DaemonSetSpec{Selector: &metav1.LabelSelector{MatchLabels: a.labels()}, Template: template},
	}
}

// job runs so many pods at once, each for so long (such as "3s").
func (a app) job(runsFor string) *batchv1.Job {
	template := a.template()
	template.Spec.RestartPolicy = corev1.RestartPolicyNever
	template.Annotations[runsForAnnotation] = runsFor
	return &batchv1.Job{
		ObjectMeta: a.meta(),
		Spec:       batchv1.JobSpec{Parallelism: &a.replicas, Completions: &a.replicas, Template: template},
	}
}

// cronJob is never due while anybody tests: at the start of a leap year's last day of February.
func (a app) cronJob() *batchv1.CronJob {
	return &batchv1.CronJob{
		ObjectMeta: a.meta(),
		Spec:       batchv1.CronJobSpec{Schedule: "0 0 29 2 *", JobTemplate: batchv1.JobTemplateSpec{Spec: a.job("3s").Spec}},
	}
}

func settings(namespace string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: settingsName},
		Data: map[string]string{
			"FEATURE_CHECKOUT": "on",
			"app.yaml":         "server:\n  port: 8080\n  read_timeout: 15s\nlog:\n  level: info\n",
		},
	}
}

func secret(namespace string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "database"},
		StringData: map[string]string{"username": "app", "password": "not-a-real-password"},
	}
}
