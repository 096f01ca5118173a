import AgentProtocol

/// A checkpoint folder as it was found.
struct PackedCheckpoint: Sendable {
    /// Where it is packed.
    enum Content: Sendable {
        /// In these bytes.
        case beside([UInt8])
        /// In a file on the workspace volume.
        case onVolume(VolumeCheckpoint)
    }

    /// The folder as it was.
    var look: FolderPacking.Look
    /// It packed; nil where nothing has to be committed.
    var content: Content?
    /// What names it; nil where nothing has to be committed.
    var ref: CheckpointRef?

    /// What was found in a folder; `sequence` is the one that it is committed as.
    init(look: FolderPacking.Look, content: Content?, as sequence: Int = 0) {
        self.look = look
        self.content = content
        switch content {
        case .beside(let bytes):
            ref = CheckpointRef(
                sequence: sequence, bytes: bytes.count, digest: Digest.text(of: bytes))
        case .onVolume(let made): ref = made.ref
        case nil: ref = nil
        }
    }
}
