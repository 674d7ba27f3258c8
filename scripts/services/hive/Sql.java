import java.sql.*;
public class Sql {
  public static void main(String[] a) throws Exception {
    try (Connection c = DriverManager.getConnection(a[0], System.getProperty("user.name"), ""); Statement s = c.createStatement()) {
      for (String q : a[1].split(";\\s*(\\n|$|(?=[a-zA-Z]))")) {
        if (q.isBlank()) continue;
        if (!s.execute(q)) continue;
        try (ResultSet r = s.getResultSet()) {
          ResultSetMetaData m = r.getMetaData(); StringBuilder b = new StringBuilder();
          for (int i = 1; i <= m.getColumnCount(); i++) b.append(i > 1 ? "\t" : "").append(m.getColumnLabel(i));
          System.out.println(b);
          while (r.next()) { b.setLength(0); for (int i = 1; i <= m.getColumnCount(); i++) b.append(i > 1 ? "\t" : "").append(r.getString(i)); System.out.println(b); }
        }
      }
    } catch (SQLException e) { System.err.println("hive: SQL error: " + e.getMessage()); System.exit(1); }
  }
}
