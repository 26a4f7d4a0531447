namespace LocalPv.Core.Outcomes;

/// <summary>What became of a request to the outside world, by what its sender does next.</summary>
public enum OutcomeKind
{
    /// <summary>It happened; go on.</summary>
    Done,

    /// <summary>The other side understood and said no (invalid for its state): say why on the object, wait for a change.</summary>
    Rejected,

    /// <summary>What was named does not exist. Often the goal of a removal; never a proof about anything else.</summary>
    NotFound,

    /// <summary>Something of that name exists; look whether it is our own earlier work.</summary>
    AlreadyExists,

    /// <summary>Somebody changed it first; nothing happened. Observe again, then decide again.</summary>
    Conflict,

    /// <summary>What we resume from is too old for the other side (HTTP 410); nothing happened. List again.</summary>
    Expired,

    /// <summary>Not enough space; nothing was left behind. Release the claim and let it go elsewhere.</summary>
    NoSpace,

    /// <summary>The other side could not be asked, or could not act now; nothing happened. Back off and repeat.</summary>
    Unavailable,

    /// <summary>It may or may not have happened. Observe before anything else; never repeat under another name.</summary>
    InDoubt,

    /// <summary>Bad arguments or no permission; nothing happened. Say so and retry slowly.</summary>
    Refused,
}
