using LocalPv.Core.Kubernetes.Json;

namespace LocalPv.Fake.Api.Rest;

/// <summary>A write that is about to be done, for whoever may refuse it.</summary>
/// <param name="Caller">Who writes.</param>
/// <param name="Operation"><c>CREATE</c>, <c>UPDATE</c> or <c>DELETE</c>; a patch is an update.</param>
/// <param name="Group">The API group, empty for the core's.</param>
/// <param name="Resource">The plural, with <c>/</c> and the subresource where it is one.</param>
/// <param name="Before">The object as it is; null where there is none.</param>
/// <param name="After">The object as it is to be; null for a deletion.</param>
public sealed record RestAdmission(
    RestCaller Caller, string Operation, string Group, string Resource, JsonMap? Before, JsonMap? After);
