using System.Text;

namespace LocalPv.Hosting.Embedded;

/// <summary>Writes the kubeconfig of an embedded cluster.</summary>
public static class KubeconfigText
{
    /// <summary>The file's text.</summary>
    /// <param name="server">Where the API server listens.</param>
    /// <param name="authorityPem">The certificate of its authority; null for plain HTTP.</param>
    /// <param name="token">The bearer token to use; null for none.</param>
    public static string Write(Uri server, string? authorityPem, string? token)
    {
        var authority = authorityPem is null
            ? ""
            : $"\n    certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(authorityPem))}";
        var user = token is null ? "user: {}" : $"user:\n    token: {token}";
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: localpv
              cluster:
                server: {server.GetLeftPart(UriPartial.Authority)}{authority}
            contexts:
            - name: localpv
              context:
                cluster: localpv
                user: localpv
            current-context: localpv
            users:
            - name: localpv
              {user}

            """;
    }
}
