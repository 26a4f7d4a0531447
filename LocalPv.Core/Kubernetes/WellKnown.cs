namespace LocalPv.Core.Kubernetes;

/// <summary>Names that Kubernetes or LocalPv fix: annotations, labels, finalizers, parameters.</summary>
public static class WellKnown
{
    /// <summary>The default provisioner of our classes.</summary>
    public const string DefaultProvisioner = "local-volume-provisioner";

    /// <summary>On a claim: the node the scheduler chose (<c>pkg/scheduler/framework/plugins/volumebinding</c>).</summary>
    public const string SelectedNodeAnnotation = "volume.kubernetes.io/selected-node";

    /// <summary>On a claim: who is to provision it (<c>pkg/controller/volume/persistentvolume</c>).</summary>
    public const string StorageProvisionerAnnotation = "volume.kubernetes.io/storage-provisioner";

    /// <summary>The older form of <see cref="StorageProvisionerAnnotation"/>, still written beside it.</summary>
    public const string BetaStorageProvisionerAnnotation = "volume.beta.kubernetes.io/storage-provisioner";

    /// <summary>On a volume: who made it. Without it the PV controller marks a released volume Failed.</summary>
    public const string ProvisionedByAnnotation = "pv.kubernetes.io/provisioned-by";

    /// <summary>On a claim: the PV controller has finished binding.</summary>
    public const string BindCompletedAnnotation = "pv.kubernetes.io/bind-completed";

    /// <summary>On a claim or volume: the PV controller, not a user, bound it.</summary>
    public const string BoundByControllerAnnotation = "pv.kubernetes.io/bound-by-controller";

    /// <summary>On a node: the name that local volumes' affinity refers to.</summary>
    public const string HostNameLabel = "kubernetes.io/hostname";

    /// <summary>On a claim: where provisioning failed, why, when; written in the patch that clears the selected node.</summary>
    public const string FailedOnAnnotation = "localpv.io/failed-on";

    /// <summary>On a volume: its logical volume still has to be removed.</summary>
    public const string LogicalVolumeFinalizer = "localpv.io/logical-volume";

    /// <summary>On a NodeLocalStorage: its volume group still has to be removed.</summary>
    public const string VolumeGroupFinalizer = "localpv.io/volume-group";

    /// <summary>On a NodeLocalStorage, CSIStorageCapacity or volume of ours: the node it belongs to (as a label value).</summary>
    public const string NodeLabel = "localpv.io/node";

    /// <summary>The StorageClass parameter that holds our JSON document.</summary>
    public const string StorageParameter = "localpv.io/storage";

    /// <summary>The StorageClass parameter that names the file system of its volumes, as CSI's external-provisioner reads it.</summary>
    public const string FileSystemParameter = "csi.storage.k8s.io/fstype";

    /// <summary>The LVM tag on everything we make.</summary>
    public const string OurTag = "localpv.io";

    /// <summary>The LVM tag on a volume group that says where it was made: this prefix, then the name of the node.</summary>
    public const string NodeTagPrefix = "localpv.io/node=";

    /// <summary>The LVM tag that carries a claim's uid: this prefix, then the uid.</summary>
    public const string ClaimTagPrefix = "localpv.io/claim=";

    /// <summary>The LVM tag that carries where a claim is found: this prefix, then <c>namespace/name</c>.</summary>
    public const string ClaimKeyTagPrefix = "localpv.io/claim-key=";

    /// <summary>
    /// The LVM tag on a logical volume that was made to be mounted: what a Pod has used carries a file system, and what carries none was
    /// never used.
    /// </summary>
    public const string FileSystemTag = "localpv.io/filesystem";

    /// <summary>The LVM tag on a logical volume whose PersistentVolume had the policy Retain: only a person removes it.</summary>
    public const string RetainTag = "localpv.io/retain";

    /// <summary>
    /// The LVM tag on a logical volume that is being wiped: this prefix, the way of wiping, a colon, how many bytes are wiped.
    /// </summary>
    public const string WipedTagPrefix = "localpv.io/wiped=";

    /// <summary>
    /// On a PersistentVolume or Node, with the value <c>true</c>: a person declares its disk lost, so that the objects may go although the
    /// logical volume cannot be removed. On a NodeLocalStorage: the volumes that it reports are gone, so that claims without a
    /// PersistentVolume may be given to another node; its group is another matter.
    /// </summary>
    public const string LostAnnotation = "localpv.io/lost";
}
