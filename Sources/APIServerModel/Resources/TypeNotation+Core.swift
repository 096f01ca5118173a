extension TypeNotation {
    static let core = """
        Namespace
         metadata ObjectMeta
         spec NamespaceSpec !
         status NamespaceStatus !
        NamespaceSpec
         finalizers [string]
        NamespaceStatus
         phase string
         conditions [NamespaceCondition] @type
        NamespaceCondition
         type string ! *
         status string ! *
         lastTransitionTime time
         reason string
         message string
        ConfigMap
         metadata ObjectMeta
         immutable bool ?
         data {string}
         binaryData {bytes}
        Secret
         metadata ObjectMeta
         immutable bool ?
         data {bytes}
         stringData {string}
         type string =Opaque
        ServiceAccount
         metadata ObjectMeta
         secrets [ObjectReference] @name
         imagePullSecrets [LocalObjectReference]
         automountServiceAccountToken bool ?
        Event
         metadata ObjectMeta
         involvedObject ObjectReference ! *
         reason string
         message string
         source EventSource !
         firstTimestamp time !
         lastTimestamp time !
         count int32
         type string
         eventTime microTime !
         series EventSeries
         action string
         related ObjectReference
         reportingComponent string !
         reportingInstance string !
        EventSource
         component string
         host string
        EventSeries
         count int32
         lastObservedTime microTime
        Node
         metadata ObjectMeta
         spec NodeSpec !
         status NodeStatus !
        NodeSpec
         podCIDR string
         podCIDRs [string] @set
         providerID string
         unschedulable bool
         taints [Taint]
         configSource any
         externalID string
        Taint
         key string ! *
         value string
         effect string ! *
         timeAdded time
        NodeStatus
         capacity {quantity}
         allocatable {quantity}
         phase string
         conditions [NodeCondition] @type
         addresses [NodeAddress] @type
         daemonEndpoints NodeDaemonEndpoints !
         nodeInfo NodeSystemInfo !
         images [any]
         volumesInUse [string]
         volumesAttached [any]
         config any
         runtimeHandlers [any]
         features any
        NodeCondition
         type string ! *
         status string ! *
         lastHeartbeatTime time !
         lastTransitionTime time !
         reason string
         message string
        NodeAddress
         type string ! *
         address string ! *
        NodeDaemonEndpoints
         kubeletEndpoint DaemonEndpoint !
        DaemonEndpoint
         Port int32 !
        NodeSystemInfo
         machineID string !
         systemUUID string !
         bootID string !
         kernelVersion string !
         osImage string !
         containerRuntimeVersion string !
         kubeletVersion string !
         kubeProxyVersion string !
         operatingSystem string !
         architecture string !
         swap any
        Service
         metadata ObjectMeta
         spec ServiceSpec !
         status ServiceStatus !
        ServiceSpec
         ports [ServicePort] @port,protocol
         selector {string}
         clusterIP string
         clusterIPs [string]
         type string =ClusterIP
         externalIPs [string]
         sessionAffinity string =None
         loadBalancerIP string
         loadBalancerSourceRanges [string]
         externalName string
         externalTrafficPolicy string
         healthCheckNodePort int32
         publishNotReadyAddresses bool
         sessionAffinityConfig any
         ipFamilies [string]
         ipFamilyPolicy string ?
         allocateLoadBalancerNodePorts bool ?
         loadBalancerClass string ?
         internalTrafficPolicy string ? =Cluster
         trafficDistribution string ?
        ServicePort
         name string
         protocol string =TCP
         appProtocol string ?
         port int32 ! *
         targetPort intOrString
         nodePort int32
        ServiceStatus
         loadBalancer any !
         conditions [Condition] @type
        Endpoints
         metadata ObjectMeta
         subsets [any]
        ResourceQuota
         metadata ObjectMeta
         spec ResourceQuotaSpec !
         status ResourceQuotaStatus !
        ResourceQuotaSpec
         hard {quantity}
         scopes [string]
         scopeSelector ScopeSelector
        ScopeSelector
         matchExpressions [ScopedResourceSelectorRequirement]
        ScopedResourceSelectorRequirement
         scopeName string ! *
         operator string ! *
         values [string]
        ResourceQuotaStatus
         hard {quantity}
         used {quantity}
        LimitRange
         metadata ObjectMeta
         spec LimitRangeSpec !
        LimitRangeSpec
         limits [LimitRangeItem] ! *
        LimitRangeItem
         type string ! *
         max {quantity}
         min {quantity}
         default {quantity}
         defaultRequest {quantity}
         maxLimitRequestRatio {quantity}
        PersistentVolumeClaim
         metadata ObjectMeta
         spec any !
         status any !
        PersistentVolume
         metadata ObjectMeta
         spec any !
         status any !
        Binding
         metadata ObjectMeta
         target ObjectReference ! *
        """
}
