namespace LocalPv.Fake.Controllers.Machinery;

/// <summary>A piece of work that waits for something and goes on when it is there.</summary>
internal interface IResumable
{
    /// <summary>Goes on until the next wait or the end.</summary>
    void Resume();
}
