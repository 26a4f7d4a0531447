namespace LocalPv.Core.Placement;

/// <summary>Which of the nodes that fit are liked best.</summary>
public enum ScoreRule
{
    /// <summary>Those with the largest part of their volume group left: load spreads. The default.</summary>
    Spread,

    /// <summary>Those with the smallest part left: whole nodes stay free for large claims.</summary>
    Pack,
}
