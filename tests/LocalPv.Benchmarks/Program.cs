using System.Globalization;
using BenchmarkDotNet.Running;
using LocalPv.Benchmarks.Extender;

switch (args)
{
    // The extender over HTTP against an empty endpoint: [rounds] [seconds each].
    case ["http", ..]:
        HttpRatio.Run(
            args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5,
            TimeSpan.FromSeconds(args.Length > 2 ? double.Parse(args[2], CultureInfo.InvariantCulture) : 0.5));
        break;
    case ["serve", var nodes, var claims]:
        await FloorServer.RunAsync(int.Parse(nodes, CultureInfo.InvariantCulture), int.Parse(claims, CultureInfo.InvariantCulture));
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        break;
}
