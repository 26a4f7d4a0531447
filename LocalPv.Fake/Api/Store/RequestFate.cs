namespace LocalPv.Fake.Api.Store;

/// <summary>What becomes of a request between its sender and the server.</summary>
public enum RequestFate
{
    /// <summary>It is done and answered.</summary>
    Answered,

    /// <summary>It never leaves: the sender knows that nothing happened.</summary>
    Refused,

    /// <summary>It is lost on its way: nothing happens, but the sender cannot know.</summary>
    Lost,

    /// <summary>It is done, but the answer is lost.</summary>
    AnswerLost,
}
