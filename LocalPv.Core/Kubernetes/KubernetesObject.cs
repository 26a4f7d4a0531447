using LocalPv.Core.Kubernetes.Json;
using LocalPv.Core.Units;

namespace LocalPv.Core.Kubernetes;

/// <summary>
/// One version of one API object: the whole tree as it was received, unknown fields included, and typed views of what we use.
/// Immutable; one instance is shared by all who observe that version. Views are read from the tree when first asked for.
/// </summary>
public class KubernetesObject
{
    private JsonMap? _annotations;
    private JsonMap? _labels;

    // One more than the version; 0 before it was read, the greatest number where it cannot be.
    private ulong _versionNumber;

    /// <summary>The object of <paramref name="type"/> whose content is <paramref name="tree"/>.</summary>
    protected KubernetesObject(ResourceType type, JsonMap tree)
    {
        Type = type;
        Tree = tree;
        Metadata = tree.Map("metadata") ?? JsonMap.Empty;
        Key = new ObjectKey(Metadata.Text("namespace") ?? "", Metadata.Text("name") ?? "");
        Uid = Metadata.Text("uid") ?? "";
        ResourceVersion = Metadata.Text("resourceVersion") ?? "";
        IsBeingDeleted = Metadata.Text("deletionTimestamp") is not null;
    }

    /// <summary>The kind of object.</summary>
    public ResourceType Type { get; }

    /// <summary>The whole object.</summary>
    public JsonMap Tree { get; }

    /// <summary>Its metadata.</summary>
    public JsonMap Metadata { get; }

    /// <summary>Where it is found.</summary>
    public ObjectKey Key { get; }

    /// <summary>Its name.</summary>
    public string Name => Key.Name;

    /// <summary>Its namespace, empty for cluster-scoped objects.</summary>
    public string Namespace => Key.Namespace;

    /// <summary>Its identity over time; empty before the server has given one.</summary>
    public string Uid { get; }

    /// <summary>The version of the object; opaque but for equality.</summary>
    public string ResourceVersion { get; }

    /// <summary>The version as a number, as Kubernetes since 1.35 says that it may be read; null where it is none.</summary>
    internal ulong? VersionNumber
    {
        get
        {
            if (_versionNumber == 0)
            {
                _versionNumber = ulong.TryParse(ResourceVersion, out var number) && number < ulong.MaxValue - 1
                    ? number + 1
                    : ulong.MaxValue;
            }

            return _versionNumber == ulong.MaxValue ? null : _versionNumber - 1;
        }
    }

    /// <summary>Whether this is a state before the other one; false where a version is no number.</summary>
    internal bool IsOlderThan(KubernetesObject other) => VersionNumber < other.VersionNumber;

    /// <summary>What <see cref="KeptFields"/> keeps of it, once somebody has asked: those who observe one version share that too.</summary>
    internal KubernetesObject? Kept { get; set; }

    /// <summary>How often its wish changed; 0 where the server does not count.</summary>
    public long Generation => Metadata.Number("generation") ?? 0;

    /// <summary>When it was made.</summary>
    public Instant? CreatedAt => Instant.TryParseRfc3339(Metadata.Text("creationTimestamp"), out var at) ? at : null;

    /// <summary>Whether its deletion was asked for and waits for finalizers.</summary>
    public bool IsBeingDeleted { get; }

    /// <summary>Its labels.</summary>
    public JsonMap Labels => _labels ??= Metadata.Map("labels") ?? JsonMap.Empty;

    /// <summary>Its annotations.</summary>
    public JsonMap Annotations => _annotations ??= Metadata.Map("annotations") ?? JsonMap.Empty;

    /// <summary>Its finalizers in order.</summary>
    public IEnumerable<string> Finalizers => Metadata.List("finalizers")?.Texts() ?? [];

    /// <summary>The value of a label, or null.</summary>
    public string? Label(string key) => Labels.Text(key);

    /// <summary>The value of an annotation, or null.</summary>
    public string? Annotation(string key) => Annotations.Text(key);

    /// <summary>
    /// Whether somebody has declared what the object stands for lost for good: on a Node its machine, on a PersistentVolume its data.
    /// </summary>
    public bool IsDeclaredLost => Annotation(WellKnown.LostAnnotation) == "true";

    /// <summary>Whether the object carries this finalizer.</summary>
    public bool HasFinalizer(string finalizer) => Metadata.List("finalizers")?.Holds(finalizer) == true;

    /// <summary>The typed object of <paramref name="type"/> with this content; a plain one for types we have no views of.</summary>
    public static KubernetesObject Read(ResourceType type, JsonMap tree) => type.Kind switch
    {
        "PersistentVolumeClaim" => new PersistentVolumeClaim(tree),
        "PersistentVolume" => new PersistentVolume(tree),
        "StorageClass" => new StorageClass(tree),
        "Node" => new Node(tree),
        "Pod" => new Pod(tree),
        "NodeLocalStorage" => new NodeLocalStorage(tree),
        _ => new KubernetesObject(type, tree),
    };

    /// <inheritdoc/>
    public override string ToString() => $"{Type.Kind} {Key} @{ResourceVersion}";
}
