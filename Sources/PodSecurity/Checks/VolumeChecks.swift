import KubernetesCore

/// What a pod may mount.
enum VolumeChecks {
    private static let allowed = [
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image",
        "persistentVolumeClaim", "projected", "secret",
    ]
    private static let forbidden = [
        "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi",
        "glusterfs", "rbd", "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile",
        "vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk", "portworxVolume",
        "scaleIO", "storageos",
    ]

    /// Only volumes that belong to the cluster's own objects.
    static let restricted = PodSecurityCheck(
        "restrictedVolumes", .restricted, overrides: HostChecks.pathVolumes.id,
        [
            (
                0,
                { pod in
                    var volumes = PodSecurityOffenders()
                    var types: Set<String> = []
                    for (index, volume) in (pod.spec["volumes"]?.array ?? []).enumerated() {
                        func has(_ type: String) -> Bool {
                            PodSecuritySubject.present(volume[type]) != nil
                        }
                        guard !allowed.contains(where: has) else { continue }
                        let type = forbidden.first(where: has) ?? "unknown"
                        types.insert(type)
                        volumes.add(
                            volume["name"]?.string ?? "",
                            [.badValue(FieldPath("spec.volumes")[index].child(type))])
                    }
                    guard !volumes.isEmpty else { return nil }
                    return PodSecurityFinding(
                        reason: "restricted volume types",
                        detail: "\(PodSecurityWords.count("volume", volumes.names)) "
                            + "\(PodSecurityWords.uses(volumes.names.count)) "
                            + PodSecurityWords.count("restricted volume type", types.sorted()),
                        fields: volumes.fields)
                }
            )
        ])
}
