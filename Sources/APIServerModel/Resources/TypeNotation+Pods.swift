extension TypeNotation {
    static let pods = """
        Pod
         metadata ObjectMeta
         spec PodSpec !
         status PodStatus !
        PodSpec
         volumes [Volume] @name
         initContainers [Container] @name
         containers [Container] ! * @name
         ephemeralContainers [EphemeralContainer] @name
         restartPolicy string =Always
         terminationGracePeriodSeconds int64 ? =30
         activeDeadlineSeconds int64 ?
         dnsPolicy string =ClusterFirst
         nodeSelector {string}
         serviceAccountName string
         serviceAccount string
         automountServiceAccountToken bool ?
         nodeName string
         hostNetwork bool
         hostPID bool
         hostIPC bool
         shareProcessNamespace bool ?
         securityContext PodSecurityContext =default
         imagePullSecrets [LocalObjectReference] @name
         hostname string
         subdomain string
         affinity Affinity
         schedulerName string =default-scheduler
         tolerations [Toleration]
         hostAliases [HostAlias] @ip
         priorityClassName string
         priority int32 ?
         dnsConfig PodDNSConfig
         readinessGates [PodReadinessGate]
         runtimeClassName string ?
         enableServiceLinks bool ? =true
         preemptionPolicy string ?
         overhead {quantity}
         topologySpreadConstraints [TopologySpreadConstraint] @topologyKey,whenUnsatisfiable
         setHostnameAsFQDN bool ?
         os PodOS
         hostUsers bool ?
         schedulingGates [PodSchedulingGate] @name
         resourceClaims [any]
         resources ResourceRequirements
         hostnameOverride string ?
        PodOS
         name string ! *
        PodSchedulingGate
         name string ! *
        PodReadinessGate
         conditionType string ! *
        HostAlias
         ip string ! *
         hostnames [string]
        PodDNSConfig
         nameservers [string]
         searches [string]
         options [PodDNSConfigOption]
        PodDNSConfigOption
         name string
         value string ?
        TopologySpreadConstraint
         maxSkew int32 ! *
         topologyKey string ! *
         whenUnsatisfiable string ! *
         labelSelector LabelSelector
         minDomains int32 ?
         nodeAffinityPolicy string ?
         nodeTaintsPolicy string ?
         matchLabelKeys [string]
        Toleration
         key string
         operator string
         value string
         effect string
         tolerationSeconds int64 ?
        PodSecurityContext
         seLinuxOptions SELinuxOptions
         windowsOptions any
         runAsUser int64 ?
         runAsGroup int64 ?
         runAsNonRoot bool ?
         supplementalGroups [int64]
         supplementalGroupsPolicy string ?
         fsGroup int64 ?
         sysctls [Sysctl]
         fsGroupChangePolicy string ?
         seccompProfile SeccompProfile
         appArmorProfile AppArmorProfile
         seLinuxChangePolicy string ?
        SELinuxOptions
         user string
         role string
         type string
         level string
        Sysctl
         name string ! *
         value string ! *
        SeccompProfile
         type string ! *
         localhostProfile string ?
        AppArmorProfile
         type string ! *
         localhostProfile string ?
        Affinity
         nodeAffinity NodeAffinity
         podAffinity PodAffinity
         podAntiAffinity PodAffinity
        NodeAffinity
         requiredDuringSchedulingIgnoredDuringExecution NodeSelector
         preferredDuringSchedulingIgnoredDuringExecution [PreferredSchedulingTerm]
        NodeSelector
         nodeSelectorTerms [NodeSelectorTerm] ! *
        NodeSelectorTerm
         matchExpressions [NodeSelectorRequirement]
         matchFields [NodeSelectorRequirement]
        NodeSelectorRequirement
         key string ! *
         operator string ! *
         values [string]
        PreferredSchedulingTerm
         weight int32 ! *
         preference NodeSelectorTerm ! *
        PodAffinity
         requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm]
         preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm]
        PodAffinityTerm
         labelSelector LabelSelector
         namespaces [string]
         topologyKey string ! *
         namespaceSelector LabelSelector
         matchLabelKeys [string]
         mismatchLabelKeys [string]
        WeightedPodAffinityTerm
         weight int32 ! *
         podAffinityTerm PodAffinityTerm ! *
        Container
         name string ! *
         image string
         command [string]
         args [string]
         workingDir string
         ports [ContainerPort] @containerPort,protocol
         envFrom [EnvFromSource]
         env [EnvVar] @name
         resources ResourceRequirements !
         resizePolicy [any]
         restartPolicy string ?
         restartPolicyRules [any]
         volumeMounts [VolumeMount] @mountPath
         volumeDevices [VolumeDevice] @devicePath
         livenessProbe Probe
         readinessProbe Probe
         startupProbe Probe
         lifecycle Lifecycle
         terminationMessagePath string =/dev/termination-log
         terminationMessagePolicy string =File
         imagePullPolicy string
         securityContext SecurityContext
         stdin bool
         stdinOnce bool
         tty bool
        EphemeralContainer
         name string ! *
         image string
         command [string]
         args [string]
         workingDir string
         ports [ContainerPort] @containerPort,protocol
         envFrom [EnvFromSource]
         env [EnvVar] @name
         resources ResourceRequirements !
         resizePolicy [any]
         restartPolicy string ?
         volumeMounts [VolumeMount] @mountPath
         volumeDevices [VolumeDevice] @devicePath
         livenessProbe Probe
         readinessProbe Probe
         startupProbe Probe
         lifecycle Lifecycle
         terminationMessagePath string =/dev/termination-log
         terminationMessagePolicy string =File
         imagePullPolicy string
         securityContext SecurityContext
         stdin bool
         stdinOnce bool
         tty bool
         targetContainerName string
        ContainerPort
         name string
         hostPort int32
         containerPort int32 ! *
         protocol string =TCP
         hostIP string
        EnvFromSource
         prefix string
         configMapRef OptionalReference
         secretRef OptionalReference
        OptionalReference
         name string
         optional bool ?
        EnvVar
         name string ! *
         value string
         valueFrom EnvVarSource
        EnvVarSource
         fieldRef ObjectFieldSelector
         resourceFieldRef ResourceFieldSelector
         configMapKeyRef KeySelector
         secretKeyRef KeySelector
         fileKeyRef any
        ObjectFieldSelector
         apiVersion string =v1
         fieldPath string ! *
        ResourceFieldSelector
         containerName string
         resource string ! *
         divisor quantity
        KeySelector
         name string
         key string ! *
         optional bool ?
        ResourceRequirements
         limits {quantity}
         requests {quantity}
         claims [any]
        VolumeMount
         name string ! *
         readOnly bool
         recursiveReadOnly string ?
         mountPath string ! *
         subPath string
         mountPropagation string ?
         subPathExpr string
        VolumeDevice
         name string ! *
         devicePath string ! *
        Probe
         exec ExecAction
         httpGet HTTPGetAction
         tcpSocket TCPSocketAction
         grpc GRPCAction
         initialDelaySeconds int32
         timeoutSeconds int32 =1
         periodSeconds int32 =10
         successThreshold int32 =1
         failureThreshold int32 =3
         terminationGracePeriodSeconds int64 ?
        ExecAction
         command [string]
        HTTPGetAction
         path string =/
         port intOrString ! *
         host string
         scheme string =HTTP
         httpHeaders [HTTPHeader]
        HTTPHeader
         name string ! *
         value string ! *
        TCPSocketAction
         port intOrString ! *
         host string
        GRPCAction
         port int32 ! *
         service string ?
        Lifecycle
         postStart LifecycleAction
         preStop LifecycleAction
         stopSignal string ?
        LifecycleAction
         exec ExecAction
         httpGet HTTPGetAction
         tcpSocket TCPSocketAction
         sleep any
        SecurityContext
         capabilities Capabilities
         privileged bool ?
         seLinuxOptions SELinuxOptions
         windowsOptions any
         runAsUser int64 ?
         runAsGroup int64 ?
         runAsNonRoot bool ?
         readOnlyRootFilesystem bool ?
         allowPrivilegeEscalation bool ?
         procMount string ?
         seccompProfile SeccompProfile
         appArmorProfile AppArmorProfile
        Capabilities
         add [string]
         drop [string]
        PodStatus
         observedGeneration int64
         phase string
         conditions [PodCondition] @type
         message string
         reason string
         nominatedNodeName string
         hostIP string
         hostIPs [HostIP] @ip
         podIP string
         podIPs [PodIP] @ip
         startTime time
         initContainerStatuses [ContainerStatus]
         containerStatuses [ContainerStatus]
         qosClass string
         ephemeralContainerStatuses [ContainerStatus]
         resize string
         resourceClaimStatuses [any]
         extendedResourceClaimStatus any
         allocatedResources {quantity}
         resources any
        PodIP
         ip string
        HostIP
         ip string
        PodCondition
         type string ! *
         observedGeneration int64
         status string ! *
         lastProbeTime time !
         lastTransitionTime time !
         reason string
         message string
        ContainerStatus
         name string ! *
         state ContainerState !
         lastState ContainerState !
         ready bool ! *
         restartCount int32 ! *
         image string ! *
         imageID string ! *
         containerID string
         started bool ?
         allocatedResources {quantity}
         resources any
         volumeMounts [any]
         user any
         allocatedResourcesStatus [any]
         stopSignal string ?
        ContainerState
         waiting ContainerStateWaiting
         running ContainerStateRunning
         terminated ContainerStateTerminated
        ContainerStateWaiting
         reason string
         message string
        ContainerStateRunning
         startedAt time !
        ContainerStateTerminated
         exitCode int32 ! *
         signal int32
         reason string
         message string
         startedAt time !
         finishedAt time !
         containerID string
        """

    static let volumes = """
        Volume
         name string ! *
         hostPath HostPathVolumeSource
         emptyDir EmptyDirVolumeSource
         gcePersistentDisk any
         awsElasticBlockStore any
         gitRepo any
         secret SecretVolumeSource
         nfs any
         iscsi any
         glusterfs any
         persistentVolumeClaim PersistentVolumeClaimVolumeSource
         rbd any
         flexVolume any
         cinder any
         cephfs any
         flocker any
         downwardAPI DownwardAPIVolumeSource
         fc any
         azureFile any
         configMap ConfigMapVolumeSource
         vsphereVolume any
         quobyte any
         azureDisk any
         photonPersistentDisk any
         projected ProjectedVolumeSource
         portworxVolume any
         scaleIO any
         storageos any
         csi any
         ephemeral any
         image any
        HostPathVolumeSource
         path string ! *
         type string ?
        EmptyDirVolumeSource
         medium string
         sizeLimit quantity
        SecretVolumeSource
         secretName string
         items [KeyToPath]
         defaultMode int32 ? =420
         optional bool ?
        ConfigMapVolumeSource
         name string
         items [KeyToPath]
         defaultMode int32 ? =420
         optional bool ?
        KeyToPath
         key string ! *
         path string ! *
         mode int32 ?
        PersistentVolumeClaimVolumeSource
         claimName string ! *
         readOnly bool
        DownwardAPIVolumeSource
         items [DownwardAPIVolumeFile]
         defaultMode int32 ? =420
        DownwardAPIVolumeFile
         path string ! *
         fieldRef ObjectFieldSelector
         resourceFieldRef ResourceFieldSelector
         mode int32 ?
        ProjectedVolumeSource
         sources [VolumeProjection] !
         defaultMode int32 ? =420
        VolumeProjection
         secret SecretProjection
         downwardAPI DownwardAPIProjection
         configMap ConfigMapProjection
         serviceAccountToken ServiceAccountTokenProjection
         clusterTrustBundle any
         podCertificate any
        SecretProjection
         name string
         items [KeyToPath]
         optional bool ?
        ConfigMapProjection
         name string
         items [KeyToPath]
         optional bool ?
        DownwardAPIProjection
         items [DownwardAPIVolumeFile]
        ServiceAccountTokenProjection
         audience string
         expirationSeconds int64 ? =3600
         path string ! *
        """
}
